// A web service that classifies uploaded images. It uses CudnnResNet.Model and an image decoder:
//     dotnet run --project samples/ClassifyImage.Web -- --weights pretrained/resnet20.safetensors --urls http://127.0.0.1:5080
//     curl -F image=@cat.jpg http://127.0.0.1:5080/classify
//     curl --data-binary @cat.jpg -H "Content-Type: image/jpeg" http://127.0.0.1:5080/classify
// Answers are JSON; refusals are problem details (RFC 9457): 400 damaged, 413 too large, 415 not an image, 503 too busy.

using System.Threading.RateLimiting;
using ClassifyImage.Web;
using CudnnResNet.Images;
using CudnnResNet.Model;

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
    // Kestrel stops reading at this size, whatever the request says about its own.
    builder.WebHost.ConfigureKestrel(options => options.Limits.MaxRequestBodySize = Upload.MaxRequestBytes);
    // Decoding takes 4 bytes a pixel: this bounds how many images are in memory at a time.
    builder.Services.AddRateLimiter(options =>
    {
        options.RejectionStatusCode = StatusCodes.Status503ServiceUnavailable;
        options.AddPolicy("classify", _ => RateLimitPartition.GetConcurrencyLimiter("all", _ => new() { PermitLimit = Environment.ProcessorCount, QueueLimit = 100 }));
    });
    builder.Services.AddProblemDetails();

    var app = builder.Build();
    app.UseExceptionHandler(new ExceptionHandlerOptions { StatusCodeSelector = error => (error as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError });
    app.UseStatusCodePages();
    app.UseRateLimiter();

    app.MapGet("/health", () => Results.Ok(new Health("ready", predictor.Architecture.Name, predictor.DeviceDescription)));
    app.MapPost("/classify", async (HttpRequest request) =>
    {
        try
        {
            byte[] file = await Upload.ReadAsync(request);
            DecodedImage image = ImageDecoder.Decode(file, Upload.Limits);
            Prediction prediction = predictor.Classify(image.Pixels, top: Math.Min(5, predictor.ClassNames.Count))[0];
            return Results.Ok(new Answer(image.Width, image.Height, prediction.Classes));
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
}
return 0;
