// Augmentation: bytes of the resident data set to the network's input, and the batch's labels.
//
// Training:  x = normalise(mirror(crop(zero-pad(image, 4)))), place and mirror drawn with Philox from (image, epoch).
// Inference: x = normalise(image).
// The floats are those of AugmentSpec.Pixels (src/CudnnResNet.Model/Devices/Augment.cs), bit for bit:
//   x = table[c, v], with a mean image table[c, v] - mean[c, y, x]; outside the image table[c, 0], with a mean image 0.
//
// Launch: grid (3, n), block 256. A block writes one channel of one image, a thread four neighbouring pixels of a row.
// Alignment: x 16 bytes.
#include "cuda_device.h"
#include "philox.h"
#include "step_state.h"

constexpr int Side = 32, Plane = Side * Side, Padding = 4;
constexpr int PixelsPerThread = 4, ThreadsPerRow = Side / PixelsPerThread;

// Numbers of RandomPurpose in Philox.cs, and of Crop in Augment.cs.
constexpr uint32_t PurposeCrop = 1, PurposeFlip = 2;
constexpr int CropRandom = 0, CropFive = 1;

// Where the window begins relative to the unpadded image (-4..4), and whether the window is mirrored.
struct Place { int dy, dx, mirror; };

static __device__ Place draw_place(uint64_t seed, int sample, uint32_t epoch, int crop, int flip)
{
    const PhiloxWords words = philox(seed, (uint32_t)sample, epoch, PurposeCrop, 0);
    Place place = {0, 0, 0};
    if (crop == CropRandom) {
        place.dy = philox_below(words.a, 2 * Padding + 1) - Padding;
        place.dx = philox_below(words.b, 2 * Padding + 1) - Padding;
    } else if (crop == CropFive) {
        // The corners in reading order, then the centre.
        const int corner = philox_below(words.a, 5);
        if (corner < 4) {
            place.dy = corner < 2 ? -Padding : Padding;
            place.dx = corner % 2 == 0 ? -Padding : Padding;
        }
    }
    if (flip) place.mirror = (int)(philox(seed, (uint32_t)sample, epoch, PurposeFlip, 0).a >> 31);
    return place;
}

// One pixel of the window: row and column of x, from the bytes and the mean of channel c.
static __device__ __forceinline__ float window_pixel(const uint8_t* bytes, const float* table, const float* mean, Place place, int row, int column)
{
    const int from_row = row + place.dy, from_column = (place.mirror ? Side - 1 - column : column) + place.dx;
    if ((unsigned)from_row >= Side || (unsigned)from_column >= Side) return mean ? 0.0f : table[0];
    const int from = from_row * Side + from_column;
    const float value = table[bytes[from]];
    return mean ? value - mean[from] : value;
}

// This block's channel of x for one image of the set; block (0, i) also copies the label.
static __device__ __forceinline__ void write_plane(
    const uint8_t* pixels, const uint8_t* set_labels, int sample, const float* table, const float* mean, Place place, float* x, uint8_t* labels)
{
    const int c = blockIdx.x, image = blockIdx.y, thread = threadIdx.x;
    const uint8_t* bytes = pixels + ((int64_t)sample * 3 + c) * Plane;
    table += c * 256;
    if (mean) mean += c * Plane;

    const int row = thread / ThreadsPerRow, column = thread % ThreadsPerRow * PixelsPerThread;
    const float4 four = make_float4(
        window_pixel(bytes, table, mean, place, row, column),
        window_pixel(bytes, table, mean, place, row, column + 1),
        window_pixel(bytes, table, mean, place, row, column + 2),
        window_pixel(bytes, table, mean, place, row, column + 3));
    *(float4*)(x + ((int64_t)image * 3 + c) * Plane + row * Side + column) = four;
    if (c == 0 && thread == 0) labels[image] = set_labels[sample];
}

// pixels (set, 3, 32, 32), set_labels (set), order (epoch's positions), table (3, 256), mean (3, 32, 32) or null;
// crop: 0 random, 1 five places, 2 none; reads state->position and state->epoch; writes x (n, 3, 32, 32), labels (n).
extern "C" __global__ void __launch_bounds__(256) augment_training_forward(
    const uint8_t* __restrict__ pixels, const uint8_t* __restrict__ set_labels, const int* __restrict__ order,
    const float* __restrict__ table, const float* __restrict__ mean, const StepState* __restrict__ state,
    uint64_t seed, int crop, int flip, float* __restrict__ x, uint8_t* __restrict__ labels)
{
    // One thread draws for the whole block: twenty rounds of Philox are more work than four pixels.
    __shared__ Place shared_place;
    const int sample = order[state->position + (int)blockIdx.y];
    if (threadIdx.x == 0) shared_place = draw_place(seed, sample, state->epoch, crop, flip);
    __syncthreads();
    write_plane(pixels, set_labels, sample, table, mean, shared_place, x, labels);
}

// As above for the images state->position, state->position + 1, ... as they are.
extern "C" __global__ void __launch_bounds__(256) augment_inference_forward(
    const uint8_t* __restrict__ pixels, const uint8_t* __restrict__ set_labels,
    const float* __restrict__ table, const float* __restrict__ mean, const StepState* __restrict__ state,
    float* __restrict__ x, uint8_t* __restrict__ labels)
{
    write_plane(pixels, set_labels, state->position + (int)blockIdx.y, table, mean, Place{0, 0, 0}, x, labels);
}
