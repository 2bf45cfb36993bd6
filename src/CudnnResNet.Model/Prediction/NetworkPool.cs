namespace CudnnResNet.Model;

/// <summary>
/// Networks with the same weights, of which each caller has one to itself. The first has all of the device's threads; the others, made
/// only when calls overlap, have one each: then the callers' own threads keep the processors busy.
/// </summary>
/// <remarks>
/// The results do not depend on the threads, so it does not matter who gets which. A pool and not one network behind a lock, because the cpu
/// device takes a single image on the caller's thread alone: a lock would leave the other processors idle.
/// </remarks>
internal sealed class NetworkPool : IDisposable
{
    private readonly object gate = new();
    private readonly Stack<ResNet> others = new();
    private readonly Func<ResNet> create;
    private readonly int most;
    private readonly ResNet first;
    private bool firstIsIdle = true, disposed;
    private int created = 1;

    /// <param name="first">The network with all threads; the pool's own from now on.</param>
    /// <param name="create">Makes another one; called without a lock.</param>
    /// <param name="most">Networks at most, the first included.</param>
    public NetworkPool(ResNet first, Func<ResNet> create, int most) => (this.first, this.create, this.most) = (first, create, most);

    /// <summary>A network of the caller's own until <see cref="Return"/>; waits where all are out.</summary>
    /// <exception cref="ObjectDisposedException">The pool is disposed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled while all were out.</exception>
    public ResNet Rent(CancellationToken cancellation = default)
    {
        using var woken = cancellation.Register(WakeAll);
        lock (gate)
        {
            while (true)
            {
                ObjectDisposedException.ThrowIf(disposed, typeof(Predictor));
                if (firstIsIdle)
                {
                    firstIsIdle = false;
                    return first;
                }
                if (others.TryPop(out var network)) return network;
                if (created < most) break;
                // After the looks above: who is woken by a network that comes back takes it, so that no wake-up is lost.
                cancellation.ThrowIfCancellationRequested();
                Monitor.Wait(gate);
            }
            created++;
        }
        try
        {
            return create();
        }
        catch
        {
            lock (gate)
            {
                created--;
                Monitor.Pulse(gate);
            }
            throw;
        }
    }

    /// <summary>Takes a network back.</summary>
    public void Return(ResNet network)
    {
        lock (gate)
        {
            if (!disposed)
            {
                if (network == first) firstIsIdle = true;
                else others.Push(network);
                Monitor.Pulse(gate);
                return;
            }
        }
        network.Dispose();
    }

    private void WakeAll()
    {
        lock (gate) Monitor.PulseAll(gate);
    }

    /// <summary>Disposes the networks: those that are out when they come back.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            if (firstIsIdle) first.Dispose();
            foreach (var network in others) network.Dispose();
            Monitor.PulseAll(gate);
        }
    }
}
