using CudnnResNet.Native.Safe;

namespace CudnnResNet.Model.Devices.Cuda;

/// <summary>
/// Totals that the host has asked for: each one a copy of the 64 bytes of <see cref="StepState"/> to pinned memory, and an event behind it.
/// </summary>
internal sealed class CudaTotalsRequests : IDisposable
{
    private readonly CudaContext context;
    private readonly CudaStream stream;
    private readonly CudaStepState state;
    private readonly List<Answer> answers = [];

    /// <param name="context">The context, current on this thread.</param>
    /// <param name="stream">The network's stream.</param>
    /// <param name="state">What is copied.</param>
    public CudaTotalsRequests(CudaContext context, CudaStream stream, CudaStepState state)
    {
        (this.context, this.stream, this.state) = (context, stream, state);
        try
        {
            for (int i = 0; i < PendingTotals.MostOpen; i++) answers.Add(new(this));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Asks for the record as it is after the work given so far.</summary>
    /// <exception cref="InvalidOperationException">Too many requests are open.</exception>
    public PendingTotals Ask()
    {
        Answer free = answers.Find(answer => !answer.IsOpen) ?? throw new InvalidOperationException($"{PendingTotals.MostOpen} requests for totals are open; read one of them first");
        free.Ask();
        return free;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Answer answer in answers) answer.Dispose();
    }

    /// <summary>One of the few answers, used again and again.</summary>
    private sealed class Answer : PendingTotals, IDisposable
    {
        private readonly CudaTotalsRequests owner;
        private readonly PinnedBuffer copy;
        private readonly CudaEvent copied;

        public Answer(CudaTotalsRequests owner)
        {
            this.owner = owner;
            copy = new(owner.context, StepState.Bytes);
            try
            {
                copied = new(owner.context);
            }
            catch
            {
                copy.Dispose();
                throw;
            }
        }

        public bool IsOpen { get; private set; }

        public override bool AreThere
        {
            get
            {
                using var scope = owner.context.Enter();
                return copied.IsDone;
            }
        }

        public void Ask()
        {
            owner.stream.Download(owner.state.Pointer, copy);
            copied.Record(owner.stream);
            IsOpen = true;
        }

        public void Dispose()
        {
            copied.Dispose();
            copy.Dispose();
        }

        public override Totals Read()
        {
            if (!IsOpen) throw new InvalidOperationException("these totals were read already");
            using var scope = owner.context.Enter();
            if (!copied.IsDone) copied.Synchronize();
            IsOpen = false;
            StepState state = copy.As<StepState>()[0];
            owner.state.LastRead = state;
            return state.Totals;
        }
    }
}
