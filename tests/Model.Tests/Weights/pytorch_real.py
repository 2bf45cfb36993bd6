"""PyTorch itself, with the module of docs/pytorch.md.

pytorch_real.py PAGE WEIGHTS PIXELS LOGITS FOLDER: runs the page over images (N, 3, 32, 32) of bytes, writes the logits (N, 10) as floats,
and saves the weights in FOLDER, as training scripts do
"""
import copy, json, pathlib, struct, sys, types
import torch

page, weights, images, logits, folder = sys.argv[1:]


class SafeOpen:
    """Stands in for the safetensors package, which not every PyTorch comes with."""

    def __init__(self, path, framework):
        content = pathlib.Path(path).read_bytes()
        start = 8 + struct.unpack("<Q", content[:8])[0]
        self.header, self.data = json.loads(content[8:start]), content[start:]
        self.about = self.header.pop("__metadata__")

    def metadata(self):
        return self.about

    def tensors(self):
        return {name: torch.frombuffer(bytearray(self.data[slice(*at["data_offsets"])]), dtype=torch.float32).view(at["shape"]) for name, at in self.header.items()}


safetensors, safetensors_torch = types.ModuleType("safetensors"), types.ModuleType("safetensors.torch")
safetensors.safe_open, safetensors_torch.load_file = SafeOpen, lambda path: SafeOpen(path, "pt").tensors()
sys.modules.update({"safetensors": safetensors, "safetensors.torch": safetensors_torch})

names = {"pixels": torch.frombuffer(bytearray(pathlib.Path(images).read_bytes()), dtype=torch.uint8).view(-1, 3, 32, 32)}
module, use = (block.split("```")[0] for block in open(page, encoding="utf-8").read().split("```python\n")[1:3])
exec(module, names)
with torch.no_grad():
    exec(use.replace("runs/NAME/best.safetensors", weights), names)
pathlib.Path(logits).write_bytes(struct.pack(f"<{names['logits'].numel()}f", *names["logits"].flatten().tolist()))


def save(name, thing, **options):
    torch.save(thing, pathlib.Path(folder, name), **options)


net = names["net"]
state = net.state_dict()
floats = {key: value for key, value in state.items() if value.is_floating_point()}
save("zip", state)
save("legacy", state, _use_new_zipfile_serialization=False)
save("parameters", net.state_dict(keep_vars=True))
save("parameters-legacy", net.state_dict(keep_vars=True), _use_new_zipfile_serialization=False)
save("protocol-4", state, pickle_protocol=4)
save("double", {key: value.double() for key, value in floats.items()})
save("half", {key: value.half() for key, value in floats.items()})
save("bfloat16", {key: value.bfloat16() for key, value in floats.items()})
save("channels-last", {key: value.contiguous(memory_format=torch.channels_last) if value.dim() == 4 else value for key, value in floats.items()})
flat = torch.cat([value.flatten() for value in floats.values()])  # one storage for all, each tensor at its offset
save("views", {key: part.view_as(value) for (key, value), part in zip(floats.items(), flat.split([value.numel() for value in floats.values()]))})
trained = copy.deepcopy(net).train()  # only for an optimizer with momentum
optimizer = torch.optim.SGD(trained.parameters(), 0.1, momentum=0.9)
torch.nn.functional.cross_entropy(trained(torch.zeros(2, 3, 32, 32)), torch.tensor([1, 2])).backward()
optimizer.step()
save("checkpoint", {"epoch": 7, "best_prec1": 91.5, "state_dict": torch.nn.DataParallel(net).state_dict(), "optimizer": optimizer.state_dict()})
