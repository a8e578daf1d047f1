import subprocess
import sys
from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from models.backends import BACKENDS, chosen_backend, make_predictor
from models.networks import PROMPTS, InteractiveNetwork, LineNetwork, NetworkConfig
from models.prediction import TorchPredictor
from tests.root import ROOT

CPU = torch.device("cpu")
BACKEND = "models.openvino_backend"
ENCODER = "tu-mobilenetv4_conv_small_050"
PATCH = 64
TOLERANCE = 1e-3  # of a probability


def trained(network):
    """Give a network of random weights the running statistics of a trained one."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.momentum = 0.5
        for _ in range(6):
            network.train()(*(torch.rand((4, *shape), generator=generator) for shape in shapes_of(network)))
    return network.eval()


def shapes_of(network):
    return [(len(network.config.mean), PATCH, PATCH)] + [(1, PATCH, PATCH)] * len(network.inputs)


def base_network(planes=1, encoder=ENCODER):
    torch.manual_seed(0)
    return trained(LineNetwork(NetworkConfig("unet-slim", encoder, (0.5,) * planes, (0.2,) * planes)))


def interactive_network(prompts):
    torch.manual_seed(0)
    return trained(InteractiveNetwork(NetworkConfig("unet-slim", ENCODER, (0.5,), (0.2,), prompts)))


@pytest.fixture(scope="module")
def network():
    return base_network()


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).random((5, 1, PATCH, PATCH), dtype=np.float32)


def drawing_and_strokes(images):
    """Planes by name: drawings that hold 0, 1 and what lies between, strokes that add and erase, and one of them."""
    rng = np.random.default_rng(1)
    initial, current = np.clip(rng.normal(0.5, 0.5, (2, *images[:, :1].shape)), 0, 1).astype(np.float32)
    strokes = rng.random(initial.shape)
    added, erased = (strokes > 0.9).astype(np.float32), (strokes < 0.1).astype(np.float32)
    newest = np.where(rng.random(initial.shape) < 0.5, added - erased, np.float32(0))
    return {"initial": initial, "current": current, "added": added, "erased": erased, "newest": newest}


def make(network, **options):
    messages = []
    predictor = make_predictor(network, CPU, backend="openvino", patch=PATCH, report=messages.append, **options)
    assert (predictor.name, messages) == ("openvino", [])
    return predictor


@pytest.fixture(scope="module")
def fast(network):
    """Return the base model's predictor of so many threads."""
    from models.openvino_backend import OpenVinoPredictor

    return cache(lambda threads: OpenVinoPredictor(network, PATCH, threads))


@pytest.fixture
def messages():
    return []


@pytest.fixture
def no_openvino(monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    monkeypatch.delitem(sys.modules, BACKEND, raising=False)


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
@pytest.mark.skipif(find_spec("openvino") is None, reason="needs requirements-cpu.txt")
class TestOpenVino:
    def assert_alike(self, answers, expected):
        assert answers.dtype == np.float32
        assert np.ptp(expected) > 0.8, "answers of all kinds"
        np.testing.assert_allclose(answers, expected, atol=TOLERANCE, rtol=0)

    def test_a_base_model_answers_as_by_pytorch(self, fast, network, images):
        expected = TorchPredictor(network, CPU)(images)  # which lays out the network its own way

        self.assert_alike(fast(1)(images), expected)
        assert np.abs(fast(1)(images) - expected).max() < TOLERANCE / 10, "float32: bfloat16 is far off"

    def test_an_image_of_several_planes(self):
        network = base_network(planes=3)
        images = np.random.default_rng(0).random((2, 3, PATCH, PATCH), dtype=np.float32)

        self.assert_alike(make(network)(images), TorchPredictor(network, CPU)(images))

    @pytest.mark.parametrize("prompts", PROMPTS)
    def test_an_interactive_model_answers_as_by_pytorch(self, images, prompts):
        network, planes = interactive_network(prompts), drawing_and_strokes(images)
        inputs = images, *(planes[name] for name in network.inputs)
        expected = TorchPredictor(network, CPU)(*inputs)

        self.assert_alike(make(network)(*inputs), expected)

    @pytest.mark.parametrize("threads", [1, 3])
    def test_the_same_bits_whatever_the_threads_and_the_neighbours(self, fast, images, threads):
        expected = np.concatenate([fast(1)(images[index : index + 1]) for index in range(len(images))])

        np.testing.assert_array_equal(fast(threads)(images), expected)
        np.testing.assert_array_equal(fast(threads)(images[::-1]), expected[::-1])

    @pytest.mark.parametrize("threads", [1, 3])
    def test_each_sample_is_computed_by_one_thread(self, fast, threads):
        compiled = fast(threads)._requests[0].get_compiled_model()

        assert compiled.get_property("INFERENCE_NUM_THREADS") <= compiled.get_property("NUM_STREAMS") <= threads

    def test_any_kind_of_number_in_any_layout(self, fast, images):
        whole = (images > 0.5).astype(np.uint8)

        np.testing.assert_array_equal(
            fast(1)(np.asfortranarray(whole)), fast(1)(np.ascontiguousarray(whole, np.float32))
        )

    def test_no_samples_no_answers(self, fast, images):
        assert fast(1)(images[:0]).shape == (0, PATCH, PATCH)

    def test_inputs_of_another_shape_are_refused(self, fast, images):
        with pytest.raises(ValueError, match=r"\(1, 64, 32\).*compiled for.*\(1, 64, 64\)"):
            fast(1)(images[..., :32])
        with pytest.raises(ValueError, match="compiled for"):
            fast(1)(images, images)

    def test_the_network_stays_as_it_was_and_its_later_training_does_not_reach_the_predictor(self, images):
        network = base_network(encoder="efficientnet-b0")  # some of whose weights OpenVINO takes over as they are
        before = {name: value.clone() for name, value in network.state_dict().items()}
        predictor = make(network)
        answers = predictor(images)

        assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
        with torch.no_grad():
            for value in (*network.parameters(), *network.buffers()):
                value.zero_()
        np.testing.assert_array_equal(predictor(images), answers)

    def test_a_network_that_cannot_be_converted_is_computed_by_pytorch_with_a_message(self, messages, images):
        class Unknown(LineNetwork):
            def forward(self, image):
                return torch.special.bessel_j0(super().forward(image))

        network = Unknown(base_network().config).eval()

        predictor = make_predictor(network, CPU, backend="auto", patch=PATCH, report=messages.append)

        assert predictor.name == "torch"
        assert predictor(images).shape == (5, PATCH, PATCH)
        assert len(messages) == 1
        assert "bessel_j0" in messages[0]
        assert "PyTorch computes instead" in messages[0]
        assert "\n" not in messages[0]

    @pytest.mark.parametrize("prompts", [None, *PROMPTS])
    def test_new_weights_answer_as_if_they_had_been_converted(self, prompts, images, monkeypatch):
        """Nothing is converted anew, and the predictor that the weights were put into goes on as before."""
        network = base_network() if prompts is None else interactive_network(prompts)
        inputs = [images, *(drawing_and_strokes(images)[name] for name in network.inputs)]
        old = make(network)
        before = old(*inputs)
        with torch.no_grad():
            for values in network.parameters():
                values.mul_(0.9)
        expected = make(network)(*inputs)
        monkeypatch.setattr(f"{BACKEND}._converted", None)
        new = make(network, like=old)
        np.testing.assert_array_equal(new(*inputs), expected)
        np.testing.assert_array_equal(make(network, like=new)(*inputs), expected)
        np.testing.assert_array_equal(old(*inputs), before)

    def test_weights_of_another_network_are_converted(self, images):
        wide = base_network(planes=3)
        old = make(base_network())
        shown = np.repeat(images, 3, axis=1)
        np.testing.assert_array_equal(make(wide, like=old)(shown), make(wide)(shown))

    def test_nothing_is_reported_to_a_server(self, messages):
        chosen_backend("auto", CPU, messages.append)

        from openvino.tools.ovc import telemetry_utils

        assert telemetry_utils.tm.__name__ == "openvino.tools.ovc.telemetry_stub"

    @pytest.mark.skipif(sys.platform != "linux", reason="OpenVINO touches it on Linux only")
    def test_signals_keep_their_stack(self):
        """Where the CPU has AMX; elsewhere OpenVINO leaves it alone, as it does beside pytest's own."""
        code = (
            "from models.openvino_backend import signal_stack;"
            "from tests.models.test_backends import base_network, make;"
            "before = signal_stack(); kept = make(base_network()); assert signal_stack() == before"
        )
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)

    def test_auto_takes_it_on_a_cpu(self, messages):
        assert chosen_backend("auto", CPU, messages.append) == "openvino"
        assert messages == []

    def test_what_is_installed_but_does_not_load_is_reported(self, messages, tmp_path, monkeypatch):
        (tmp_path / "openvino.py").write_text("raise ImportError('libtbb.so is missing')")
        for name in ("openvino", BACKEND):
            monkeypatch.delitem(sys.modules, name, raising=False)
        monkeypatch.syspath_prepend(tmp_path)

        assert chosen_backend("auto", CPU, messages.append) == "torch"
        assert messages == ["OpenVINO is installed but does not load (libtbb.so is missing): PyTorch computes instead"]


@pytest.mark.usefixtures("no_openvino")
class TestWithoutOpenVino:
    def test_asked_for_by_name_it_says_what_to_install(self, messages, network, images):
        predictor = make_predictor(network, CPU, backend="openvino", patch=PATCH, report=messages.append)

        assert predictor.name == "torch"
        assert predictor(images).shape == (5, PATCH, PATCH)
        assert len(messages) == 1
        assert "requirements-cpu.txt" in messages[0]
        assert "PyTorch computes instead" in messages[0]

    def test_auto_is_pytorch_without_a_word(self, messages):
        assert chosen_backend("auto", CPU, messages.append) == "torch"
        assert messages == []


@pytest.mark.parametrize(("backend", "count"), [("auto", 0), ("torch", 0), ("openvino", 1)])
def test_a_gpu_is_pytorchs(backend, count, messages):
    assert chosen_backend(backend, torch.device("cuda:1"), messages.append) == "torch"
    assert len(messages) == count
    assert all("cuda:1" in line for line in messages)


def test_pytorch_on_request(messages, network, images):
    predictor = make_predictor(
        network, CPU, backend="torch", patch=PATCH, batch=2, repeatable=True, report=messages.append
    )

    assert (predictor.name, messages) == ("torch", [])
    np.testing.assert_array_equal(predictor(images), TorchPredictor(network, CPU, 2, 1)(images))


def test_an_unknown_backend(messages):
    with pytest.raises(ValueError, match="no backend 'tensorrt'; there are: auto, torch, openvino"):
        chosen_backend("tensorrt", CPU, messages.append)
    assert BACKENDS == ("auto", "torch", "openvino")


def test_threads_of_pytorch_are_those_asked_for_and_then_as_before(images):
    before, seen = torch.get_num_threads(), []

    class Watching(LineNetwork):
        def forward(self, image):
            seen.append(torch.get_num_threads())
            return super().forward(image)

    network = Watching(NetworkConfig("unet-slim", ENCODER, (0.5,), (0.2,)))
    TorchPredictor(network, CPU, threads=before + 1)(images[:1])

    assert seen == [before + 1]
    assert torch.get_num_threads() == before
