// The end of a conv-norm unit: y = relu(a + shortcut(s)) with a = bn(z), and its gradients. Layout NCHW.
//
// Shortcut: none, the identity, or one that downsamples s (n, c = K/2, 2H, 2W): channel offset + p c + i of y (n, K, H, W) gets
// s[i, 2h + p, 2w + p] for the phases p below their number. Option A has one phase; offset 0 appends its zero channels (trailing), K/4
// puts half of them before (centred). Reshape has two phases and no zeros.
// Backward: g = y <= 0 ? 0 : dy is the gradient of a, and of s where the shortcut is the identity; else g is spread over ds.
// ReLU lets NaN through (x < 0 ? 0 : x), its gradient too: fmaxf would swallow it.
//
// Launch: block 256; a thread takes four neighbouring elements.
//   relu_*, add_relu_forward: grid ceil(count / 4 / 256), count at most 2^30.
//   downsample_*:             grid ceil(rows * ceil(width / 4) / 256), rows and width of the tensor that is written.
// Alignment: 16 bytes for every pointer.
// The loops over a last, incomplete four are not worth unrolling.
#include "cuda_device.h"

static __device__ __forceinline__ float relu(float x) { return x < 0.0f ? 0.0f : x; }

static __device__ __forceinline__ float relu_gradient(float y, float dy) { return y <= 0.0f ? 0.0f : dy; }

static __device__ __forceinline__ int thread_index() { return blockIdx.x * blockDim.x + threadIdx.x; }

static __device__ __forceinline__ float4 load4(const float* p) { return *(const float4*)p; }

static __device__ __forceinline__ void store4(float* p, float x, float y, float z, float w) { *(float4*)p = make_float4(x, y, z, w); }

// y = relu(a); y may be a.
extern "C" __global__ void __launch_bounds__(256) relu_forward(const float* a, int count, float* y)
{
    const int first = 4 * thread_index();
    if (first + 4 <= count) {
        const float4 v = load4(a + first);
        store4(y + first, relu(v.x), relu(v.y), relu(v.z), relu(v.w));
    } else {
        #pragma unroll 1
        for (int i = first; i < count; i++) y[i] = relu(a[i]);
    }
}

// y = relu(a + s); y may be a.
extern "C" __global__ void __launch_bounds__(256) add_relu_forward(const float* a, const float* __restrict__ s, int count, float* y)
{
    const int first = 4 * thread_index();
    if (first + 4 <= count) {
        const float4 v = load4(a + first), u = load4(s + first);
        store4(y + first, relu(v.x + u.x), relu(v.y + u.y), relu(v.z + u.z), relu(v.w + u.w));
    } else {
        #pragma unroll 1
        for (int i = first; i < count; i++) y[i] = relu(a[i] + s[i]);
    }
}

// g = y <= 0 ? 0 : dy; g may be dy.
extern "C" __global__ void __launch_bounds__(256) relu_backward(const float* __restrict__ y, const float* dy, int count, float* g)
{
    const int first = 4 * thread_index();
    if (first + 4 <= count) {
        const float4 v = load4(y + first), d = load4(dy + first);
        store4(g + first, relu_gradient(v.x, d.x), relu_gradient(v.y, d.y), relu_gradient(v.z, d.z), relu_gradient(v.w, d.w));
    } else {
        #pragma unroll 1
        for (int i = first; i < count; i++) g[i] = relu_gradient(y[i], dy[i]);
    }
}

// y = relu(a + the phases of s) for y and a (n, k, h, w), s (n, c, 2h, 2w); y may be a. rows = n k h.
extern "C" __global__ void __launch_bounds__(256) downsample_add_relu_forward(
    const float* a, const float* __restrict__ s, int rows, int k, int c, int offset, int phases, int h, int w, float* y)
{
    const int groups = (w + 3) / 4;
    const int row = thread_index() / groups, column = thread_index() % groups * 4;
    if (row >= rows) return;

    const int plane = row / h, image = plane / k, added = plane % k - offset, phase = added / c;
    const bool adds = added >= 0 && phase < phases;
    a += row * w + column;
    y += row * w + column;
    if (adds) s += ((image * c + added % c) * 2 * h + 2 * (row % h) + phase) * 2 * w + 2 * column;

    if (w % 4 == 0) {
        float4 v = load4(a);
        if (adds) {
            const float4 left = load4(s), right = load4(s + 4);
            if (phase == 0) v = make_float4(v.x + left.x, v.y + left.z, v.z + right.x, v.w + right.z);
            else v = make_float4(v.x + left.y, v.y + left.w, v.z + right.y, v.w + right.w);
        }
        store4(y, relu(v.x), relu(v.y), relu(v.z), relu(v.w));
    } else {
        #pragma unroll 1
        for (int i = 0; i < 4 && column + i < w; i++) y[i] = relu(adds ? a[i] + s[2 * i + phase] : a[i]);
    }
}

// ds (n, c, 2h, 2w): g (n, k, h, w) at the pixels of the phases, 0 elsewhere. rows = n c 2h.
extern "C" __global__ void __launch_bounds__(256) downsample_backward(
    const float* __restrict__ g, int rows, int k, int c, int offset, int phases, int h, int w, float* __restrict__ ds)
{
    const int groups = (2 * w + 3) / 4;
    const int row = thread_index() / groups, column = thread_index() % groups * 4;
    if (row >= rows) return;

    const int plane = row / (2 * h), image = plane / c, ds_row = row % (2 * h), phase = ds_row % 2;
    const int channel = offset + phase * c + plane % c;
    const bool adds = phase < phases;
    ds += row * 2 * w + column;
    if (adds) g += ((image * k + channel) * h + ds_row / 2) * w + column / 2;

    if (w % 2 == 0) {
        float2 v = make_float2(0.0f, 0.0f);
        if (adds) v = *(const float2*)g;
        store4(ds, phase == 0 ? v.x : 0.0f, phase == 0 ? 0.0f : v.x, phase == 0 ? v.y : 0.0f, phase == 0 ? 0.0f : v.y);
    } else {
        #pragma unroll 1
        for (int i = 0; i < 4 && column + i < 2 * w; i++) ds[i] = adds && i % 2 == phase ? g[i / 2] : 0.0f;
    }
}
