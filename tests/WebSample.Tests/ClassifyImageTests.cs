using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using CudnnResNet.Model;

namespace CudnnResNet.WebSample.Tests;

/// <summary>The web sample, as a client sees it.</summary>
[TestClass]
public sealed class ClassifyImageTests
{
    private static WebProgram program = null!; // set by StartProgram

    [ClassInitialize]
    public static void StartProgram(TestContext _) => program = new();

    [ClassCleanup]
    public static void StopProgram() => program?.Dispose();

    [TestMethod]
    public async Task Health_says_what_classifies()
    {
        using var response = await program.Client.GetAsync("/health");
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.AreEqual("ready", json.RootElement.GetProperty("status").GetString());
        Assert.AreEqual("resnet8", json.RootElement.GetProperty("network").GetString());
        HasSafeHeaders(response);
    }

    [TestMethod]
    [DataRow("image/png")]
    [DataRow("application/octet-stream")]
    [DataRow("form")]
    public async Task An_image_gets_the_five_likeliest_classes(string kind)
    {
        byte[] pixels = Noise(1);
        using var response = await Post(TestImages.Png(pixels), kind);
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.AreEqual(32, json.RootElement.GetProperty("width").GetInt32());

        using var predictor = Predictor.Load(program.Weights);
        var expected = predictor.Classify(pixels, top: 5)[0].Classes;
        var answered = json.RootElement.GetProperty("classes").EnumerateArray()
            .Select(item => new ClassProbability(item.GetProperty("class").GetInt32(), item.GetProperty("name").GetString()!, item.GetProperty("probability").GetSingle()));
        CollectionAssert.AreEqual(expected.ToArray(), answered.ToArray());
    }

    [TestMethod]
    public async Task A_photograph_of_any_size_and_orientation_is_taken()
    {
        using var response = await Post(TestImages.WithOrientation(TestImages.RedAndBlue(300, 200), 6), "image/jpeg");
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.AreEqual((200, 300), (json.RootElement.GetProperty("width").GetInt32(), json.RootElement.GetProperty("height").GetInt32()));
    }

    [TestMethod]
    [DataRow("text", "image/png", 415, "not a PNG, JPEG or BMP image")]
    [DataRow("text", "form", 415, "not a PNG, JPEG or BMP image")]
    [DataRow("png", "text/plain", 415, "content type 'text/plain'")]
    [DataRow("png", "application/x-www-form-urlencoded", 415, "allowed are image/*")]
    [DataRow("empty", "image/png", 400, "empty")]
    [DataRow("empty", "form", 400, "empty")]
    [DataRow("cut", "image/png", 400, "cut off")]
    [DataRow("cut", "form", 400, "cut off")]
    [DataRow("text", "multipart/form-data; boundary=x", 400, "in a form that cannot be read")]
    [DataRow("text", "multipart/form-data", 400, "in a form that cannot be read")]
    [DataRow("huge", "image/png", 413, "8,454,144 bytes, 8,388,608 of them the image")]
    [DataRow("huge", "form", 413, "8,454,144 bytes")]
    [DataRow("long", "image/png", 413, "8,388,609 bytes; allowed are 8,388,608")]
    [DataRow("bmp bomb", "image/bmp", 413, "30000x30000 pixels; allowed are 20,000,000")]
    [DataRow("png bomb", "image/png", 413, "30000x30000 pixels; allowed are 20,000,000")]
    [DataRow("png bomb", "form", 413, "30000x30000 pixels")]
    public async Task What_is_no_image_gets_a_problem(string body, string kind, int status, string detail)
    {
        using var response = await Post(Body(body), kind);
        await IsProblem(response, status, detail);
    }

    [TestMethod]
    public async Task A_form_has_one_file()
    {
        using var none = new MultipartFormDataContent { { new StringContent("a cat"), "comment" } };
        using (var response = await program.Client.PostAsync("/classify", none)) await IsProblem(response, 400, "which has 0");
        using var two = new MultipartFormDataContent { { new ByteArrayContent([1]), "a", "a.png" }, { new ByteArrayContent([1]), "b", "b.png" } };
        using (var response = await program.Client.PostAsync("/classify", two)) await IsProblem(response, 400, "which has 2");
    }

    [TestMethod]
    public async Task Other_addresses_and_methods_get_a_problem_too()
    {
        using (var response = await program.Client.GetAsync("/classify")) await IsProblem(response, 405, null);
        using (var response = await program.Client.GetAsync("/nowhere")) await IsProblem(response, 404, null);
    }

    [TestMethod]
    public async Task Requests_at_the_same_time_get_the_answers_of_one_after_another()
    {
        byte[][] files = [.. Enumerable.Range(0, 16).Select(i => TestImages.Png(Noise(100 + i)))];
        var serial = new List<string>();
        foreach (byte[] file in files) serial.Add(await Answer(file));
        Assert.HasCount(16, serial.Distinct().ToList());
        for (int round = 0; round < 3; round++) CollectionAssert.AreEqual(serial, await Task.WhenAll(files.Select(Answer)));

        static async Task<string> Answer(byte[] file)
        {
            using var response = await Post(file, "image/png");
            return await response.Content.ReadAsStringAsync();
        }
    }

    [TestMethod]
    public void Without_usable_weights_it_does_not_start_and_says_why()
    {
        Assert.AreEqual((2, "error: --weights is missing; for example --weights pretrained/resnet20.safetensors\n"), WebProgram.Run());
        var (exitCode, error) = WebProgram.Run("--weights", "nowhere");
        Assert.AreEqual((1, "error: nowhere: there is no such file\n"), (exitCode, error));
    }

    private static async Task<HttpResponseMessage> Post(byte[] body, string kind)
    {
        HttpContent content = new ByteArrayContent(body);
        if (kind == "form") content = new MultipartFormDataContent { { content, "image", "image.png" } };
        else content.Headers.ContentType = MediaTypeHeaderValue.Parse(kind);
        using (content) return await program.Client.PostAsync("/classify", content);
    }

    private static async Task IsProblem(HttpResponseMessage response, int status, string? detail)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(status, (int)response.StatusCode, text);
        Assert.AreEqual("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        HasSafeHeaders(response);
        using var json = JsonDocument.Parse(text);
        Assert.AreEqual(status, json.RootElement.GetProperty("status").GetInt32());
        if (detail is not null) Assert.Contains(detail, json.RootElement.GetProperty("detail").GetString()!);
    }

    private static void HasSafeHeaders(HttpResponseMessage response)
    {
        Assert.AreEqual("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.AreEqual("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.IsTrue(response.Headers.CacheControl?.NoStore);
        Assert.IsFalse(response.Headers.Contains("Server"), "what serves is nobody's business");
    }

    private static byte[] Body(string name)
    {
        switch (name)
        {
            case "text": return "nothing of the kind"u8.ToArray();
            case "png": return TestImages.Png(Noise(1));
            case "cut": return TestImages.Png(Noise(1))[..1000];
            case "huge": return new byte[9 << 20];
            case "long": return new byte[(8 << 20) + 1]; // within the request's limit, beyond the image's
            case "png bomb":
                byte[] png = TestImages.WithSize(TestImages.Png(Noise(1)), 30_000, 30_000);
                Assert.IsLessThan(5_000, png.Length);
                return png;
            case "bmp bomb":
                byte[] bmp = TestImages.Bmp(Noise(1));
                BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), 30_000);
                BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), 30_000);
                return bmp;
            default: return [];
        }
    }

    private static byte[] Noise(int seed)
    {
        var pixels = new byte[ImageResize.ResultBytes];
        new Random(seed).NextBytes(pixels);
        return pixels;
    }
}
