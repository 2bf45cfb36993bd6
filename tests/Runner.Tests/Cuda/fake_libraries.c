/* Libraries that answer as NVIDIA's would on some machine. Only what is asked before a context exists; the environment says what to answer. */
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#if defined(DRIVER) || defined(CUDNN)
static long answer(const char *name, long usual)
{
    const char *text = getenv(name);
    return text ? atol(text) : usual;
}
#endif

#ifdef DRIVER
int cuInit(unsigned flags) { (void)flags; return (int)answer("FAKE_INIT", 0); }
int cuDriverGetVersion(int *version) { *version = (int)answer("FAKE_DRIVER", 12080); return 0; }
int cuDeviceGetCount(int *count) { *count = (int)answer("FAKE_GPUS", 1); return 0; }
int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return 0; }
int cuDeviceGetName(char *name, int length, int device) { (void)device; strncpy(name, "Fake GPU", (size_t)length); return 0; }
int cuDeviceTotalMem_v2(size_t *bytes, int device) { (void)device; *bytes = 8000000000u; return 0; }

int cuDeviceGetAttribute(int *value, int attribute, int device)
{
    long all = answer("FAKE_CAPABILITY", 90), capability = device == 0 ? answer("FAKE_CAPABILITY_0", all) : all;
    switch (attribute) {
    case 16: *value = 80; return 0;                                    /* multiprocessors */
    case 20: *value = (int)answer("FAKE_COMPUTE_MODE", 0); return 0;
    case 75: *value = (int)(capability / 10); return 0;
    case 76: *value = (int)(capability % 10); return 0;
    default: return 1;
    }
}

int cuGetErrorName(int error, const char **text)
{
    switch (error) {
    case 34: *text = "CUDA_ERROR_STUB_LIBRARY"; return 0;
    case 100: *text = "CUDA_ERROR_NO_DEVICE"; return 0;
    case 803: *text = "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"; return 0;
    case 804: *text = "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE"; return 0;
    default: *text = "CUDA_ERROR_UNKNOWN"; return 0;
    }
}

int cuGetErrorString(int error, const char **text) { (void)error; *text = "what the driver says"; return 0; }
#endif

#ifdef CUDNN
size_t cudnnGetVersion(void) { return (size_t)answer("FAKE_CUDNN", 91002); }
size_t cudnnGetCudartVersion(void) { return (size_t)answer("FAKE_CUDNN_CUDA", 12080); }
int cudnnOpsVersionCheck(void) { return (int)answer("FAKE_PARTS", 0); }
int cudnnCnnVersionCheck(void) { return 0; }
const char *cudnnGetErrorString(int status) { return status == 1002 ? "CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH" : "CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED"; }
void cudnnGetLastErrorString(char *message, size_t size) { strncpy(message, "what cuDNN says", size); }

/* cuDNN opens its parts by name: the system may find them in another folder. */
int cudnnGraphVersionCheck(void)
{
    const char *part = getenv("FAKE_PART");
    return part && !dlopen(part, RTLD_NOW) ? 1008 : 0;
}
#endif

#ifdef CUBLAS
int cublasCreate_v2(void **handle) { *handle = 0; return 1; }
#endif
