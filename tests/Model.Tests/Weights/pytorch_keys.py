"""Runs the module of docs/pytorch.md with classes that stand in for PyTorch's, and prints its keys and shapes: NAME SIZExSIZE…

pytorch_keys.py PAGE DEPTH RESIDUAL CENTRED
"""
import sys, types


class Module:
    def state(self, prefix=""):
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield from value.state(f"{prefix}{name}.")
            elif isinstance(value, tuple) and name.startswith("tensor_"):
                yield f"{prefix}{name[len('tensor_'):]}", value


class Conv2d(Module):
    def __init__(self, c, k, size, stride, padding, bias):
        assert (size, padding, bias) == (3, 1, False) and stride in (1, 2)
        self.tensor_weight = (k, c, size, size)


class BatchNorm2d(Module):
    def __init__(self, k):
        self.tensor_weight = self.tensor_bias = self.tensor_running_mean = self.tensor_running_var = (k,)


class Linear(Module):
    def __init__(self, c, k):
        self.tensor_weight, self.tensor_bias = (k, c), (k,)


class Sequential(Module):
    def __init__(self, *modules):
        for i, module in enumerate(modules):
            setattr(self, str(i), module)


def stand_in(name, **members):
    module = types.ModuleType(name)
    vars(module).update(members)
    sys.modules[name] = module
    return module


nn = stand_in("torch.nn", Module=Module, Conv2d=Conv2d, BatchNorm2d=BatchNorm2d, Linear=Linear, Sequential=Sequential, functional=stand_in("torch.nn.functional"))
stand_in("torch", nn=nn)
stand_in("safetensors", safe_open=None)
stand_in("safetensors.torch", load_file=None)

page = open(sys.argv[1], encoding="utf-8").read()
names = {}
exec(page.split("```python\n")[1].split("```")[0], names)
compile(page.split("```python\n")[2].split("```")[0], "the second block", "exec")
for key, shape in names["Net"](int(sys.argv[2]), sys.argv[3] == "True", sys.argv[4] == "True").state():
    print(key, "x".join(map(str, shape)))
