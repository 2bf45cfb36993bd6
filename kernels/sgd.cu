// SGD with momentum over the whole parameter arena, and the end of a step.
//
// v = m v + (g + wd w); w = w - lr v, each product and sum one fused operation, as on the cpu device. lr = rates[state->step].
// A weight that becomes NaN or infinite (and a gradient that is so makes it so) is recorded once: the smallest (update, tensor). So is a
// running statistic, whose tensors are counted after those of the parameters: in float32 a variance overflows before the weights do.
//
// Launch: sgd_update: grid ceil(count / 4 / 256), block 256, count a multiple of 4, as statistics_count, which is at most count.
// step_advance: grid 1, block 1.
// Alignment: g, v, w and statistics 16 bytes; every tensor of the arena begins at a multiple of 4 elements.
#include "cuda_device.h"
#include "step_state.h"

constexpr float LargestFloat = 3.402823466e+38f;

static __device__ __forceinline__ bool is_finite(float x) { return fabsf(x) <= LargestFloat; }

static __device__ __forceinline__ void update(float g, float momentum, float decay, float rate, float& v, float& w)
{
    v = fmaf(momentum, v, fmaf(decay, w, g));
    w = fmaf(-rate, v, w);
}

// The tensor that holds an element: the first whose end is beyond it.
static __device__ int tensor_of(int element, const int* ends, int tensors)
{
    int low = 0, high = tensors - 1;
    while (low < high) {
        const int middle = (low + high) / 2;
        if (element < ends[middle]) high = middle;
        else low = middle + 1;
    }
    return low;
}

static __device__ __forceinline__ void record(unsigned tensor, StepState* state)
{
    // A minimum of integers is the same in whatever order threads arrive.
    atomicMin(&state->first_non_finite, (unsigned long long)state->updates << 32 | tensor);
}

static __device__ __forceinline__ bool is_finite(float4 x) { return is_finite(x.x) && is_finite(x.y) && is_finite(x.z) && is_finite(x.w); }

// g, v, w (count); rates: of the epoch's steps; ends (parameters + statistics_tensors): one past each tensor's last element, in order.
extern "C" __global__ void __launch_bounds__(256) sgd_update(
    const float* __restrict__ g, const float* __restrict__ rates, const int* __restrict__ ends, int parameters,
    const float* __restrict__ statistics, int statistics_count, int statistics_tensors,
    int count, float momentum, float decay, float* __restrict__ v, float* __restrict__ w, StepState* __restrict__ state)
{
    const int first = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
    if (first >= count) return;

    const float rate = rates[state->step];
    const float4 g4 = *(const float4*)(g + first);
    float4 v4 = *(const float4*)(v + first), w4 = *(const float4*)(w + first);
    update(g4.x, momentum, decay, rate, v4.x, w4.x);
    update(g4.y, momentum, decay, rate, v4.y, w4.y);
    update(g4.z, momentum, decay, rate, v4.z, w4.z);
    update(g4.w, momentum, decay, rate, v4.w, w4.w);
    *(float4*)(v + first) = v4;
    *(float4*)(w + first) = w4;

    if (!is_finite(w4)) record(tensor_of(first, ends, parameters), state);
    if (first < statistics_count && !is_finite(*(const float4*)(statistics + first)))
        record(parameters + tensor_of(first, ends + parameters, statistics_tensors), state);
}

// The last of a step's kernels, of training and of evaluation: the next batch begins n images further on.
extern "C" __global__ void __launch_bounds__(1) step_advance(int n, StepState* __restrict__ state)
{
    state->step++;
    state->updates++;
    state->position += n;
}
