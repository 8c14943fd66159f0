"""Functions of torch, with the gradients that torch makes of them."""

import torch
import torch.nn.functional as F
from subject import Subject

import backproof as bp

SUBJECTS = (
    Subject("torch.sigmoid", lambda: torch.sigmoid, "sigmoid"),
    Subject("torch.nn.functional.logsigmoid", lambda: F.logsigmoid, "log_sigmoid"),
    Subject("torch.tanh", lambda: torch.tanh, "tanh"),
    Subject(
        "torch.nn.functional.softplus",
        lambda: lambda x: F.softplus(x),
        "softplus",
        outcome="limit",
        words="Above `threshold=20`, a documented parameter, it is x itself: in double precision "
        "the value there is off by up to 1e-10 of it and the gradient by 2e-9. In single precision "
        "this is below the rounding.",
        confirmed="softplus_threshold",
    ),
    Subject(
        "torch.nn.functional.softplus(threshold=40)",
        lambda: lambda x: F.softplus(x, threshold=40),
        "softplus",
    ),
    Subject("torch.nn.functional.relu", lambda: lambda x: F.relu(x), "relu"),
    Subject(
        "torch.nn.functional.leaky_relu",
        lambda: lambda x, slope=0.01: F.leaky_relu(x, slope),
        "leaky_relu",
    ),
    Subject("torch.nn.functional.elu", lambda: lambda x, alpha=1.0: F.elu(x, alpha), "elu"),
    Subject("torch.nn.functional.silu", lambda: lambda x: F.silu(x), "silu"),
    Subject("torch.nn.functional.mish", lambda: lambda x: F.mish(x), "mish"),
    Subject("torch.nn.functional.gelu", lambda: F.gelu, "gelu"),
    Subject("torch.logsumexp", lambda: lambda x, axis=-1: torch.logsumexp(x, axis), "logsumexp"),
    Subject("torch.logaddexp", lambda: lambda x, t: torch.logaddexp(x, t), "logaddexp"),
    Subject("torch.xlogy", lambda: lambda x, t: torch.xlogy(x, t), "xlogy"),
    Subject("torch.softmax", lambda: lambda x, axis=-1: torch.softmax(x, axis), "softmax"),
    Subject(
        "torch.log_softmax", lambda: lambda x, axis=-1: torch.log_softmax(x, axis), "log_softmax"
    ),
    Subject(
        "torch.var",
        lambda: lambda x, axis=-1, ddof=0: torch.var(x, axis, correction=ddof),
        "variance",
    ),
    Subject(
        "torch.nn.functional.layer_norm",
        lambda: lambda x, gamma, beta, eps=1e-5: F.layer_norm(x, gamma.shape, gamma, beta, eps),
        "layernorm",
    ),
    Subject(
        "torch.nn.functional.rms_norm",
        lambda: lambda x, gamma, eps=1e-5: F.rms_norm(x, gamma.shape, gamma, eps),
        "rmsnorm",
    ),
    Subject(
        "torch.nn.functional.group_norm",
        lambda: bp.adapt.torch(
            lambda x, gamma, beta, groups=2, eps=1e-5: F.group_norm(x, groups, gamma, beta, eps),
            sizes={"c": 3},  # one value a group is refused
        ),
        "groupnorm",
    ),
    Subject(
        "torch.nn.functional.batch_norm",
        lambda: bp.adapt.torch(
            lambda x, gamma, beta, eps=1e-5: F.batch_norm(
                x, None, None, gamma, beta, True, eps=eps
            ),
            sizes={"N": 5},  # a batch of one is refused
        ),
        "batchnorm",
    ),
    Subject(
        "torch.nn.functional.max_pool2d",
        lambda: lambda x, size=2, stride=None: F.max_pool2d(x, size, stride),
        "max_pool",
    ),
    Subject(
        "torch.nn.functional.avg_pool2d",
        lambda: lambda x, size=2, stride=None: F.avg_pool2d(x, size, stride),
        "mean_pool",
    ),
    Subject(
        "torch.nn.functional.conv2d",
        lambda: lambda x, W, b, stride=1, pad=0: F.conv2d(x, W, b, stride, pad),
        "convolution",
    ),
    Subject(
        "torch.nn.functional.linear",
        lambda: lambda x, W, b: F.linear(x, W, b),
        "dense:transposed=True",
    ),
    Subject(
        "torch.nn.functional.embedding", lambda: lambda ids, E: F.embedding(ids, E), "embedding"
    ),
    Subject(
        "torch.nn.functional.cross_entropy",
        lambda: (
            lambda x, labels, reduction="mean", smoothing=0.0: F.cross_entropy(
                x, labels, reduction=reduction, label_smoothing=smoothing
            )
        ),
        "softmax_cross_entropy",
    ),
    Subject(
        "torch.nn.functional.binary_cross_entropy_with_logits",
        lambda: (
            lambda x, target, reduction="mean": F.binary_cross_entropy_with_logits(
                x, target, reduction=reduction
            )
        ),
        "sigmoid_cross_entropy",
    ),
    Subject(
        "torch.nn.functional.mse_loss",
        lambda: lambda x, target, reduction="mean": F.mse_loss(x, target, reduction=reduction),
        "squared_error",
    ),
    Subject(
        "torch.nn.functional.scaled_dot_product_attention",
        lambda: (
            lambda Q, K, V, causal=False: F.scaled_dot_product_attention(Q, K, V, is_causal=causal)
        ),
        "attention",
    ),
)
