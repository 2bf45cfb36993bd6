// Softmax cross-entropy of K classes: loss sum, hit count, gradient of the logits.
//
// loss = max + log(sum of e^(z - max)) - z[label]; hit: the first of the largest logits is the label's, and none is NaN.
// dlogits = (softmax - onehot) / n.
// All in double, like Reference: a few thousand operations for a batch, and no approximate instruction is needed. The losses are
// added image after image, so the sum's order depends on nothing.
//
// Launch: forward grid 1, backward grid ceil(n / 128); block 128. A thread takes one image.
// Alignment: none beyond the elements' own. An exponential is computed twice rather than kept, so that K is bound to no array.
// Loops over K are not unrolled: classes are few, and the code stays short.
#include "cuda_device.h"
#include "step_state.h"

constexpr int BlockSize = 128;

// e^x for x <= 0: x = k ln 2 + r, |r| <= ln 2 / 2, Taylor's series of e^r to the 13th power (its remainder is below 2^-57), times 2^k.
// 0 where the result would be subnormal; NaN stays NaN.
static __device__ __forceinline__ double exp_of_negative(double x)
{
    if (x < -708.0) return 0.0;
    // Adding 1.5 * 2^52 rounds to a whole number and leaves that number in the lowest bits.
    const double shift = 6755399441055744.0;
    const double shifted = fma(x, 1.4426950408889634, shift), k = shifted - shift;
    // ln 2 in two parts: k times the first is exact.
    const double r = fma(-k, 1.9082149292705877e-10, fma(-k, 0.6931471803691238, x));
    double e = 1.0 / 6227020800.0;
    e = fma(e, r, 1.0 / 479001600.0);
    e = fma(e, r, 1.0 / 39916800.0);
    e = fma(e, r, 1.0 / 3628800.0);
    e = fma(e, r, 1.0 / 362880.0);
    e = fma(e, r, 1.0 / 40320.0);
    e = fma(e, r, 1.0 / 5040.0);
    e = fma(e, r, 1.0 / 720.0);
    e = fma(e, r, 1.0 / 120.0);
    e = fma(e, r, 1.0 / 24.0);
    e = fma(e, r, 1.0 / 6.0);
    e = fma(e, r, 0.5);
    e = fma(e, r, 1.0);
    e = fma(e, r, 1.0);
    const long long one = 0x3FF0000000000000LL;
    return e * __longlong_as_double((long long)((unsigned long long)__double_as_longlong(shifted) << 52) + one);
}

// log x for 1 <= x <= K: x = 2^k m with m below sqrt 2, log m = 2 (f + f^3 / 3 + f^5 / 5 + ...) with f = (m - 1) / (m + 1) <= 0.172.
// NaN stays NaN.
static __device__ __forceinline__ double log_of_sum(double x)
{
    double k = 0.0;
    while (x > 1.4142135623730951) {
        x *= 0.5;
        k += 1.0;
    }
    const double f = (x - 1.0) / (x + 1.0), square = f * f;
    double series = 1.0 / 23.0;
    series = fma(series, square, 1.0 / 21.0);
    series = fma(series, square, 1.0 / 19.0);
    series = fma(series, square, 1.0 / 17.0);
    series = fma(series, square, 1.0 / 15.0);
    series = fma(series, square, 1.0 / 13.0);
    series = fma(series, square, 1.0 / 11.0);
    series = fma(series, square, 1.0 / 9.0);
    series = fma(series, square, 1.0 / 7.0);
    series = fma(series, square, 1.0 / 5.0);
    series = fma(series, square, 1.0 / 3.0);
    series = fma(series, square, 1.0);
    return fma(k, 0.6931471805599453, 2.0 * f * series);
}

// What both directions need of one image's logits.
struct Softmax {
    double sum;    // of e^(z - largest)
    float largest;
    int best;      // the first of the largest
    bool any_nan;
};

static __device__ __forceinline__ Softmax softmax(const float* logits, int classes)
{
    Softmax result;
    result.best = 0;
    result.largest = logits[0];
    result.any_nan = logits[0] != logits[0];
#pragma unroll 1
    for (int j = 1; j < classes; j++) {
        const float z = logits[j];
        result.any_nan |= z != z;
        if (z > result.largest) {
            result.best = j;
            result.largest = z;
        }
    }
    result.sum = 0.0;
#pragma unroll 1
    for (int j = 0; j < classes; j++) result.sum += exp_of_negative((double)logits[j] - (double)result.largest);
    return result;
}

// logits (n, K), labels (n); adds to the images, hits and losses of state.
extern "C" __global__ void __launch_bounds__(BlockSize) softmax_cross_entropy_forward(
    const float* __restrict__ logits, const uint8_t* __restrict__ labels, int n, int classes, StepState* __restrict__ state)
{
    __shared__ double losses[BlockSize];
    __shared__ int hits[BlockSize];
    double loss_sum = state->loss_sum;
    int correct = 0;
    for (int first = 0; first < n; first += BlockSize) {
        const int image = first + threadIdx.x;
        if (image < n) {
            const float* z = logits + image * classes;
            const Softmax row = softmax(z, classes);
            const int label = labels[image];
            losses[threadIdx.x] = (double)row.largest + log_of_sum(row.sum) - (double)z[label];
            hits[threadIdx.x] = row.best == label && !row.any_nan;
        }
        __syncthreads();
        if (threadIdx.x == 0) {
            const int images = n - first < BlockSize ? n - first : BlockSize;
            for (int i = 0; i < images; i++) {
                loss_sum += losses[i];
                correct += hits[i];
            }
        }
        __syncthreads();
    }
    if (threadIdx.x == 0) {
        state->loss_sum = loss_sum;
        state->correct += correct;
        state->images += n;
    }
}

// dlogits (n, K), of the mean loss, from logits (n, K) and labels (n).
extern "C" __global__ void __launch_bounds__(BlockSize) softmax_cross_entropy_backward(
    const float* __restrict__ logits, const uint8_t* __restrict__ labels, int n, int classes, float* __restrict__ dlogits)
{
    const int image = blockIdx.x * blockDim.x + threadIdx.x;
    if (image >= n) return;

    const float* z = logits + image * classes;
    float* dz = dlogits + image * classes;
    const Softmax row = softmax(z, classes);
    const int label = labels[image];
#pragma unroll 1
    for (int j = 0; j < classes; j++) {
        const double e = exp_of_negative((double)z[j] - (double)row.largest);
        dz[j] = (float)((e / row.sum - (j == label ? 1.0 : 0.0)) / n);
    }
}
