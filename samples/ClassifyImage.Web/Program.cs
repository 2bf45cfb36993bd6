// A web service that classifies uploaded images. It uses CudnnResNet.Model and an image decoder:
//     dotnet run --project samples/ClassifyImage.Web -- --weights pretrained/resnet20.safetensors --urls http://127.0.0.1:5080
//     curl -F image=@cat.jpg http://127.0.0.1:5080/classify
//     curl --data-binary @cat.jpg -H "Content-Type: image/jpeg" http://127.0.0.1:5080/classify
// Answers are JSON; refusals are problem details (RFC 9457): 400 damaged, 408 too slow, 413 too large, 415 not an image, 503 too busy.

using System.Threading.RateLimiting;
using ClassifyImage.Web;
using CudnnResNet.Images;
using CudnnResNet.Model;
using Microsoft.AspNetCore.Http.Features;

var builder = WebApplication.CreateBuilder(args);
if (builder.Configuration["weights"] is not { Length: > 0 } weights)
{
    Console.Error.WriteLine("error: --weights is missing; for example --weights pretrained/resnet20.safetensors");
    return 2;
}

Predictor predictor;
try
{
    predictor = Predictor.Load(weights);
}
catch (EngineException error)
{
    Console.Error.WriteLine($"error: {error.Message}");
    return 1;
}

using (predictor)
{
    // Kestrel stops reading at this size, whatever the request says about its own, and gives up a client that sends next to nothing.
    builder.WebHost.ConfigureKestrel(options =>
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = Upload.MaxRequestBytes;
        options.Limits.MinRequestBodyDataRate = new(Upload.MinBytesPerSecond, Upload.Grace);
    });
    // A form's files stay in memory: nothing of an upload is ever written to the disk.
    builder.Services.Configure<FormOptions>(options => options.MemoryBufferThreshold = (int)Upload.MaxRequestBytes);
    // This bounds the uploads in memory, and is no queue: a client is told at once.
    builder.Services.AddRateLimiter(options =>
    {
        options.RejectionStatusCode = StatusCodes.Status503ServiceUnavailable;
        options.OnRejected = (context, _) =>
        {
            context.HttpContext.Response.Headers.RetryAfter = "1";
            return ValueTask.CompletedTask;
        };
        options.AddPolicy("classify", _ => RateLimitPartition.GetConcurrencyLimiter("all", _ => new() { PermitLimit = Upload.MaxRequests, QueueLimit = 0 }));
    });
    builder.Services.AddProblemDetails();

    // Decoding takes 4 bytes a pixel. Slow uploads do not stand in this queue.
    using var decoding = new SemaphoreSlim(Environment.ProcessorCount);
    var app = builder.Build();
    app.Use((context, next) =>
    {
        // As late as this, because an exception's answer begins without headers.
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.ContentSecurityPolicy = "default-src 'none'";
            headers.CacheControl = "no-store";
            return Task.CompletedTask;
        });
        return next(context);
    });
    app.UseExceptionHandler(new ExceptionHandlerOptions { StatusCodeSelector = error => (error as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError });
    app.UseStatusCodePages();
    app.UseRateLimiter();

    app.MapGet("/health", () => Results.Ok(new Health("ready", predictor.Architecture.Name, predictor.DeviceDescription)));
    app.MapPost("/classify", async (HttpRequest request) =>
    {
        try
        {
            byte[] file = await Upload.ReadAsync(request);
            return Results.Ok(await ClassifyAsync(file, request.HttpContext.RequestAborted));
        }
        catch (ImageException error)
        {
            return Results.Problem($"the image {error.Message}", statusCode: error.Fault switch
            {
                ImageFault.TooLarge => StatusCodes.Status413PayloadTooLarge,
                ImageFault.UnknownFormat => StatusCodes.Status415UnsupportedMediaType,
                _ => StatusCodes.Status400BadRequest,
            });
        }
    }).RequireRateLimiting("classify");

    await app.RunAsync();

    async Task<Answer> ClassifyAsync(byte[] file, CancellationToken aborted)
    {
        await decoding.WaitAsync(aborted);
        try
        {
            DecodedImage image = ImageDecoder.Decode(file, Upload.Limits);
            Prediction prediction = predictor.Classify(image.Pixels, Math.Min(5, predictor.ClassNames.Count), aborted)[0];
            return new(image.Width, image.Height, prediction.Classes);
        }
        finally
        {
            decoding.Release();
        }
    }
}
return 0;
