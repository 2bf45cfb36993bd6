// Philox 4x32-10 (Salmon et al. 2011), the same numbers as src/CudnnResNet.Model/Tensors/Philox.cs.
#pragma once
#include "cuda_device.h"

struct PhiloxWords { uint32_t a, b, c, d; };

// Four random words for the counter (sample, epoch, purpose, draw) under the key seed.
static __device__ __forceinline__ PhiloxWords philox(uint64_t seed, uint32_t sample, uint32_t epoch, uint32_t purpose, uint32_t draw)
{
    PhiloxWords x = {sample, epoch, purpose, draw};
    uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        const uint64_t product0 = (uint64_t)0xD2511F53u * x.a, product1 = (uint64_t)0xCD9E8D57u * x.c;
        x = {(uint32_t)(product1 >> 32) ^ x.b ^ key0, (uint32_t)product1, (uint32_t)(product0 >> 32) ^ x.d ^ key1, (uint32_t)product0};
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return x;
}

// A whole number in [0, limit) by multiply-high.
static __device__ __forceinline__ int philox_below(uint32_t word, uint32_t limit)
{
    return (int)(((uint64_t)word * limit) >> 32);
}
