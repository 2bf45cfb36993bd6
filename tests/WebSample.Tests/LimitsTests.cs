using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace CudnnResNet.WebSample.Tests;

/// <summary>The web sample with more clients, or slower ones, than it takes.</summary>
[TestClass]
public sealed class LimitsTests : IDisposable
{
    private const int MaxRequests = 64;

    private readonly WebProgram program = new();

    public void Dispose() => program.Dispose();

    [TestMethod]
    public async Task With_too_many_requests_it_says_so_at_once_and_recovers()
    {
        var uploads = new List<TcpClient>();
        for (int i = 0; i < MaxRequests; i++) uploads.Add(await BeginUpload());
        // One more before each try: an upload may have found the last place taken by a try, or have been given up on a slow machine.
        await Until(HttpStatusCode.ServiceUnavailable, async () => uploads.Add(await BeginUpload()), response =>
        {
            Assert.AreEqual("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            Assert.AreEqual(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
            Assert.AreEqual("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        });
        using (var health = await program.Client.GetAsync("/health")) Assert.AreEqual(HttpStatusCode.OK, health.StatusCode, "whether it lives is always answered");
        uploads.ForEach(upload => upload.Dispose());
        await Until(HttpStatusCode.OK);
    }

    /// <summary>Uploads that stand still keep nobody out for long, and no image that is whole waits for them.</summary>
    [TestMethod]
    [TestCategory("Long")]
    public async Task A_client_that_sends_next_to_nothing_is_given_up()
    {
        using var slow = await BeginUpload();
        using var reader = new StreamReader(slow.GetStream(), Encoding.ASCII);
        var answer = reader.ReadLineAsync();
        await Until(HttpStatusCode.OK);
        Assert.AreEqual("HTTP/1.1 408 Request Timeout", await answer.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    /// <summary>A request with a few bytes of its body.</summary>
    private async Task<TcpClient> BeginUpload()
    {
        var client = new TcpClient();
        await client.ConnectAsync(program.Client.BaseAddress!.Host, program.Client.BaseAddress.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 100000\r\n\r\nPNG"));
        return client;
    }

    /// <summary>Sends an image until the answer is this one, for a minute at most.</summary>
    private async Task Until(HttpStatusCode status, Func<Task>? before = null, Action<HttpResponseMessage>? check = null)
    {
        byte[] image = TestImages.Png(new byte[3072]);
        var seen = new HashSet<HttpStatusCode>();
        for (int time = 0; time < 3_000; time++)
        {
            if (before is not null) await before();
            using var content = new ByteArrayContent(image);
            content.Headers.ContentType = new MediaTypeHeaderValue("image/png");
            using var response = await program.Client.PostAsync("/classify", content);
            seen.Add(response.StatusCode);
            if (response.StatusCode == status)
            {
                check?.Invoke(response);
                return;
            }
            await Task.Delay(20);
        }
        Assert.Fail($"never {status}: {string.Join(", ", seen)}");
    }
}
