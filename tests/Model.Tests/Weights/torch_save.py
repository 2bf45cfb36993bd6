"""Writes files as torch.save does, with Python's own pickle and zipfile modules and classes that stand in for PyTorch's.

torch_save.py FOLDER FORMAT PROTOCOL: the state dict of FOLDER/names (a line each: name, comma, sizes with x between) with values 0, 1, 2, …
"""
import collections, io, pickle, struct, sys, types, zipfile

torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
sys.modules.update({"torch": torch, "torch._utils": utils})


def _rebuild_tensor_v2(*arguments):
    raise NotImplementedError


class FloatStorage:
    def __init__(self, key, count):
        self.key, self.count = key, count


for module, thing in ((utils, _rebuild_tensor_v2), (torch, FloatStorage)):
    thing.__module__ = module.__name__
    setattr(module, thing.__name__, thing)


class Tensor:
    def __init__(self, storage, sizes):
        self.storage, self.sizes = storage, sizes

    def __reduce_ex__(self, protocol):
        strides, step = [], 1
        for size in reversed(self.sizes):
            strides.insert(0, step)
            step *= size
        return _rebuild_tensor_v2, (self.storage, 0, tuple(self.sizes), tuple(strides), False, collections.OrderedDict())


folder, form, protocol = sys.argv[1], sys.argv[2], int(sys.argv[3])
state, storages = collections.OrderedDict(), []
for line in open(f"{folder}/names", encoding="ascii").read().split():
    name, sizes = line.split(",")
    sizes = [int(size) for size in sizes.split("x")]
    count = 1
    for size in sizes:
        count *= size
    storages.append(FloatStorage(str(len(storages)), count))
    state[name] = Tensor(storages[-1], sizes)
state._metadata = collections.OrderedDict([("", {"version": 1}), ("bn1", {"version": 2})])
checkpoint = {"epoch": 200, "best_prec1": 91.25, "lr": [0.1, 0.01], "state_dict": state, "resumed": None, "cuda": False, "steps": -(1 << 40)}


class Saver(pickle.Pickler):
    def persistent_id(self, value):
        if isinstance(value, FloatStorage):
            return ("storage", FloatStorage, value.key, "cuda:0", value.count) + ((None,) if form == "legacy" else ())


def data(storage):
    return struct.pack(f"<{storage.count}f", *range(storage.count))


if form == "zip":
    pickled = io.BytesIO()
    Saver(pickled, protocol).dump(checkpoint)
    with zipfile.ZipFile(f"{folder}/w.pt", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("w/data.pkl", pickled.getvalue())
        archive.writestr("w/byteorder", "little")
        for storage in storages:
            archive.writestr(f"w/data/{storage.key}", data(storage))
        archive.writestr("w/version", "3\n")
else:
    with open(f"{folder}/w.pt", "wb") as file:
        pickle.dump(0x1950A86A20F9469CFC6C, file, protocol)
        pickle.dump(1001, file, protocol)
        pickle.dump(dict(protocol_version=1001, little_endian=True, type_sizes=dict(short=2, int=4, long=4)), file, protocol)
        Saver(file, protocol).dump(checkpoint)
        pickle.dump([storage.key for storage in storages], file, protocol)
        for storage in storages:
            file.write(struct.pack("<q", storage.count) + data(storage))
