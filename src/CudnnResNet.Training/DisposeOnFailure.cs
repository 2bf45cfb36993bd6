namespace CudnnResNet.Training;

/// <summary>Disposes of what was made so far, newest first, unless <see cref="Release"/> was reached.</summary>
internal sealed class DisposeOnFailure : IDisposable
{
    private readonly Stack<IDisposable> made = new();

    public T Add<T>(T item) where T : IDisposable
    {
        made.Push(item);
        return item;
    }

    public void Release() => made.Clear();

    public void Dispose()
    {
        while (made.TryPop(out var item)) item.Dispose();
    }
}
