/* A driver, cuDNN and cuBLAS in which every call succeeds and does nothing, but for the one that fake_fail names. They count what is created and
   not yet destroyed. Their "device memory" is of the host. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char failing[64];
static int failure, live;

void fake_fail(const char *function, int status) { snprintf(failing, sizeof failing, "%s", function); failure = status; }
int fake_live(void) { return live; }

static int outcome(const char *function) { return strcmp(function, failing) ? 0 : failure; }

static int create(const char *function, void **handle)
{
    int status = outcome(function);
    if (status) return status;
    *handle = (void *)(intptr_t)0x1000;
    live++;
    return 0;
}

static int destroy(void) { live--; return 0; }

#define CALL(name, ...) int name(__VA_ARGS__) { return outcome(#name); }
#define CREATE(name) int name(void **handle) { return create(#name, handle); }
#define DESTROY(name) int name(void *handle) { (void)handle; return destroy(); }

#ifdef DRIVER
CALL(cuInit, unsigned flags)
int cuDriverGetVersion(int *version) { *version = 12080; return 0; }
int cuDeviceGetCount(int *count) { *count = 1; return 0; }
int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return 0; }
int cuDeviceGetName(char *name, int length, int device) { (void)device; strncpy(name, "Fake GPU", (size_t)length); return 0; }
int cuDeviceTotalMem_v2(size_t *bytes, int device) { (void)device; *bytes = 8000000; return 0; }
int cuDeviceGetAttribute(int *value, int attribute, int device) { (void)device; *value = attribute == 75 ? 9 : 0; return 0; }
int cuDevicePrimaryCtxRetain(void **context, int device) { (void)device; return create("cuDevicePrimaryCtxRetain", context); }
int cuDevicePrimaryCtxRelease_v2(int device) { (void)device; return destroy(); }
CALL(cuCtxPushCurrent_v2, void *context)
int cuCtxPopCurrent_v2(void **context) { *context = 0; return 0; }
int cuMemGetInfo_v2(size_t *available, size_t *total) { *available = 1500000; *total = 8000000; return 0; }
int cuStreamCreate(void **stream, unsigned flags) { (void)flags; return create("cuStreamCreate", stream); }
DESTROY(cuStreamDestroy_v2)
CALL(cuStreamSynchronize, void *stream)
int cuMemAlloc_v2(uint64_t *address, size_t bytes) { (void)bytes; return create("cuMemAlloc_v2", (void **)address); }
int cuMemFree_v2(uint64_t address) { (void)address; return destroy(); }
CALL(cuMemsetD8Async, uint64_t address, unsigned char value, size_t bytes, void *stream)
CALL(cuMemcpyHtoDAsync_v2, uint64_t to, const void *from, size_t bytes, void *stream)
CALL(cuMemcpyDtoHAsync_v2, void *to, uint64_t from, size_t bytes, void *stream)

int cuModuleLoadDataEx(void **module, const void *image, unsigned count, int *options, void **values)
{
    (void)image;
    if (count > 0 && options[0] == 5 && outcome("cuModuleLoadDataEx")) strcpy(values[0], "ptxas application ptx input, line 9\nfatal: unsupported .version 9.9\n");
    return create("cuModuleLoadDataEx", module);
}

DESTROY(cuModuleUnload)
int cuModuleGetFunction(void **function, void *module, const char *name) { (void)module; (void)name; *function = (void *)2; return outcome("cuModuleGetFunction"); }
int cuFuncGetAttribute(int *value, int attribute, void *function) { (void)attribute; (void)function; *value = 1; return outcome("cuFuncGetAttribute"); }
CALL(cuLaunchKernel, void *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void *stream, void **parameters, void **extra)

int cuGetErrorName(int error, const char **text)
{
    *text = error == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : error == 222 ? "CUDA_ERROR_UNSUPPORTED_PTX_VERSION" : error == 701 ? "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES" : "CUDA_ERROR_UNKNOWN";
    return 0;
}

int cuGetErrorString(int error, const char **text) { (void)error; *text = "what the driver says"; return 0; }
#endif

#ifdef CUDNN
size_t cudnnGetVersion(void) { return 91002; }
size_t cudnnGetCudartVersion(void) { return 12080; }
CALL(cudnnGraphVersionCheck, void)
CALL(cudnnOpsVersionCheck, void)
CALL(cudnnCnnVersionCheck, void)
const char *cudnnGetErrorString(int status) { return status == 3000 ? "CUDNN_STATUS_NOT_SUPPORTED" : "CUDNN_STATUS_INTERNAL_ERROR"; }
void cudnnGetLastErrorString(char *message, size_t size) { snprintf(message, size, "what cuDNN says\n"); }
CREATE(cudnnCreate)
DESTROY(cudnnDestroy)
CALL(cudnnSetStream, void *handle, void *stream)
CREATE(cudnnCreateTensorDescriptor)
DESTROY(cudnnDestroyTensorDescriptor)
CALL(cudnnSetTensor4dDescriptor, void *descriptor, int format, int type, int n, int c, int h, int w)
CALL(cudnnDeriveBNTensorDescriptor, void *derived, void *x, int mode)
CREATE(cudnnCreateFilterDescriptor)
DESTROY(cudnnDestroyFilterDescriptor)
CALL(cudnnSetFilter4dDescriptor, void *descriptor, int type, int format, int k, int c, int h, int w)
CREATE(cudnnCreateConvolutionDescriptor)
DESTROY(cudnnDestroyConvolutionDescriptor)
CALL(cudnnSetConvolution2dDescriptor, void *descriptor, int padh, int padw, int u, int v, int dh, int dw, int mode, int type)
CALL(cudnnSetConvolutionMathType, void *descriptor, int math)
CREATE(cudnnCreatePoolingDescriptor)
DESTROY(cudnnDestroyPoolingDescriptor)
CALL(cudnnSetPooling2dDescriptor, void *descriptor, int mode, int nan, int h, int w, int ph, int pw, int sh, int sw)
CREATE(cudnnCreateActivationDescriptor)
DESTROY(cudnnDestroyActivationDescriptor)
CALL(cudnnSetActivationDescriptor, void *descriptor, int mode, int nan, double coefficient)
CALL(cudnnConvolutionForward, void *handle, const void *alpha, void *xd, const void *x, void *wd, const void *w, void *cd, int algorithm,
     void *workspace, size_t bytes, const void *beta, void *yd, void *y)
#endif

#ifdef CUBLAS
CREATE(cublasCreate_v2)
DESTROY(cublasDestroy_v2)
CALL(cublasSetStream_v2, void *handle, void *stream)
CALL(cublasSetWorkspace_v2, void *handle, void *workspace, size_t bytes)
CALL(cublasSetMathMode, void *handle, int mode)
CALL(cublasSgemm_v2, void *handle, int ta, int tb, int m, int n, int k, const float *alpha, const float *a, int lda, const float *b, int ldb,
     const float *beta, float *c, int ldc)
const char *cublasGetStatusName(int status) { return status == 13 ? "CUBLAS_STATUS_EXECUTION_FAILED" : "CUBLAS_STATUS_INVALID_VALUE"; }
const char *cublasGetStatusString(int status) { (void)status; return "what cuBLAS says"; }
#endif
