"""The torchmetrics classes: means over images, whatever the batches and processes."""

from functools import partial

import pytest
import torch
from torchmetrics import MetricCollection

from metrics import iou, pfm
from metrics.registry import Shown, score_named, scores_in
from metrics.torch_metrics import MeanScore, line_metrics

PseudoFMeasure, IoU = (partial(MeanScore, score_named(name)) for name in ("pfm", "iou"))


def line(length):
    """An image (1, 3, 12) with a line of `length` pixels, one pixel wide."""
    image = torch.zeros(1, 3, 12)
    image[0, 1, 1 : 1 + length] = 1
    return image


TRUTH = torch.stack([line(10), line(2)])
PREDICTION = torch.stack([line(5), line(2)])
# First image: precision 1, pseudo-recall 1/2: pFM 2/3, IoU 1/2. Second: 1 and 1.
MEAN_PFM, MEAN_IOU = 5 / 6, 3 / 4
# Pooled over the batch, the figures would be 2 * (7/12) / (1 + 7/12) = 14/19 and 7/12.


@pytest.mark.parametrize(("metric", "expected"), [(PseudoFMeasure, MEAN_PFM), (IoU, MEAN_IOU)])
class TestMeanOverImages:
    def test_one_batch_is_not_pooled(self, metric, expected):
        assert metric()(PREDICTION, TRUTH).item() == pytest.approx(expected)

    def test_without_channels_and_with_a_bool_truth(self, metric, expected):
        assert metric()(PREDICTION[:, 0], TRUTH[:, 0] > 0).item() == pytest.approx(expected)

    def test_half_precision(self, metric, expected):
        assert metric()(PREDICTION.bfloat16(), TRUTH).item() == pytest.approx(expected)

    def test_batches_of_unequal_size(self, metric, expected):
        # Given one image of the first kind and three of the second, the mean is over four images, not two batches.
        scores = metric()
        scores.update(PREDICTION[:1], TRUTH[:1])
        scores.update(PREDICTION[[1, 1, 1]], TRUTH[[1, 1, 1]])
        first = 2 * expected - 1
        assert scores.compute().item() == pytest.approx((first + 3) / 4)

    def test_reset(self, metric, expected):
        scores = metric()
        scores.update(torch.zeros_like(TRUTH), TRUTH)
        scores.reset()
        scores.update(PREDICTION, TRUTH)
        assert scores.compute().item() == pytest.approx(expected)

    def test_processes_are_weighted_by_their_images(self, metric, expected):
        # Given another process with three images that all score 0.
        def gather(state, group=None):
            return [state, torch.zeros_like(state) if state.is_floating_point() else torch.full_like(state, 3)]

        scores = metric(dist_sync_fn=gather, distributed_available_fn=lambda: True)
        scores.update(PREDICTION[1:], TRUTH[1:])
        assert scores.compute().item() == pytest.approx(1 / 4)

    def test_equals_the_function_on_each_image(self, metric, expected):
        generator = torch.Generator().manual_seed(0)
        probabilities, truth = torch.rand(3, 1, 20, 20, generator=generator), torch.rand(3, 20, 20, generator=generator)
        score = {PseudoFMeasure: pfm, IoU: iou}[metric]
        each = [score(p[0].numpy() > 0.5, t.numpy() > 0.5) for p, t in zip(probabilities, truth, strict=True)]
        assert metric()(probabilities, truth[:, None]).item() == pytest.approx(sum(each) / 3)

    def test_logits_are_refused(self, metric, expected):
        with pytest.raises(ValueError, match=r"run from -4 to 4, .* torch\.sigmoid"):
            metric().update(8 * PREDICTION - 4, TRUTH)

    def test_not_a_number_is_refused(self, metric, expected):
        with pytest.raises(ValueError, match="nan"):
            metric().update(PREDICTION * float("nan"), TRUTH)

    def test_other_shapes_are_refused(self, metric, expected):
        with pytest.raises(ValueError, match="give the same for both"):
            metric().update(PREDICTION, TRUTH[:, 0])
        with pytest.raises(ValueError, match=r"give \(B, 1, H, W\) or \(B, H, W\)"):
            metric().update(PREDICTION.repeat(1, 2, 1, 1), TRUTH.repeat(1, 2, 1, 1))
        with pytest.raises(ValueError, match=r"give \(B, 1, H, W\) or \(B, H, W\)"):
            metric().update(PREDICTION[0, 0], TRUTH[0, 0])


class TestThreshold:
    def test_a_pixel_at_the_threshold_is_not_drawn(self):
        assert IoU()(0.5 * TRUTH, TRUTH) == 0
        assert IoU()(0.501 * TRUTH, TRUTH) == 1

    def test_another_threshold(self):
        assert IoU(threshold=0.2)(0.3 * TRUTH, TRUTH) == 1

    def test_no_probability(self):
        with pytest.raises(ValueError, match=r"threshold is 127; give a probability"):
            PseudoFMeasure(threshold=127)


TEST_METRICS = line_metrics("val_").clone(prefix="test_")


class TestCollection:
    def test_keys(self):
        logged = {score.name for score in scores_in(Shown.LOGGER)}
        assert logged >= {"pfm", "iou"}
        for prefix, metrics in (("val_", line_metrics("val_")), ("", line_metrics()), ("test_", TEST_METRICS)):
            assert set(metrics(PREDICTION, TRUTH)) == {f"{prefix}{name}" for name in logged}

    @pytest.mark.parametrize(
        "collection", [line_metrics(), MetricCollection({"pfm": PseudoFMeasure(), "iou": IoU()})], ids=["ours", "plain"]
    )
    def test_metrics_that_start_equal_stay_apart(self, collection):
        # Given a first batch where both score 1, torchmetrics would take equal states for one metric.
        collection.update(TRUTH, TRUTH)
        collection.update(PREDICTION, TRUTH)
        computed = collection.compute()
        scores = {name: computed[name].item() for name in ("pfm", "iou")}
        assert scores == pytest.approx({"pfm": (2 + 2 * MEAN_PFM) / 4, "iou": (2 + 2 * MEAN_IOU) / 4})
