// Lets the same .cu compile with nvcc, which brings CUDA's own declarations, and with clang alone:
//   clang-19 -x cuda --cuda-device-only -nocudainc -nocudalib ...
// which has none. For clang this file declares just what the kernels use; nothing here needs the CUDA SDK.
#pragma once
#include <stdint.h>

#ifndef __NVCC__

#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define __forceinline__ __inline__ __attribute__((always_inline))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))

// threadIdx, blockIdx, blockDim and gridDim, from clang's own headers; it needs these two types.
struct uint3 { unsigned x, y, z; };
struct dim3 { unsigned x, y, z; };
#include <__clang_cuda_builtin_vars.h>

// The alignment is what lets a load or store of one be a single instruction.
struct __attribute__((aligned(8))) float2 { float x, y; };
struct __attribute__((aligned(16))) float4 { float x, y, z, w; };

static __device__ __forceinline__ float2 make_float2(float x, float y) { return float2{x, y}; }
static __device__ __forceinline__ float4 make_float4(float x, float y, float z, float w) { return float4{x, y, z, w}; }

static __device__ __forceinline__ float fmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static __device__ __forceinline__ double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
static __device__ __forceinline__ float fabsf(float x) { return __builtin_fabsf(x); }

static __device__ __forceinline__ long long __double_as_longlong(double x) { return __builtin_bit_cast(long long, x); }
static __device__ __forceinline__ double __longlong_as_double(long long x) { return __builtin_bit_cast(double, x); }

static __device__ __forceinline__ unsigned long long atomicMin(unsigned long long* address, unsigned long long value)
{
    return __nvvm_atom_min_gen_ull(address, value);
}

#endif
