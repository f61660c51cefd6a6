"""Muon (Jordan et al. 2024) for weight matrices and convolutions, AdamW for everything else.

Muon replaces a matrix's momentum by the nearest orthogonal matrix, found by five Newton-Schulz
iterations. Updates are scaled so that every weight moves by lr / 32 on average, whatever the shape."""

import torch


def orthogonalize(matrix: torch.Tensor, iterations: int = 5) -> torch.Tensor:
    """The quintic Newton-Schulz iteration with Jordan's coefficients; singular values end near 1.

    Every iterate is a polynomial in the Gram matrix times the input, so only small square matrices
    are iterated on, and the input itself is multiplied once at the end."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix / (matrix.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.t()
    gram = x @ x.t()
    identity = torch.eye(len(gram), device=gram.device)
    product = identity
    for iteration in range(iterations):
        factor = torch.addmm(b * gram, gram, gram, alpha=c).add_(identity, alpha=a)
        product = factor @ product
        if iteration + 1 < iterations:
            gram = factor @ gram @ factor
    x = product @ x
    return x.t() if tall else x


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters, lr: float, momentum: float = 0.95, weight_decay: float = 0.0):
        super().__init__(parameters, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if not state:
                    state["momentum"] = torch.zeros_like(parameter)
                buffer = state["momentum"]
                buffer.lerp_(parameter.grad, 1 - group["momentum"])
                update = parameter.grad.lerp(buffer, group["momentum"]).flatten(1)
                update = orthogonalize(update)
                update *= (max(update.shape) / 1024) ** 0.5
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.sub_(update.view_as(parameter), alpha=group["lr"])


def optimizers(model: torch.nn.Module, lr: float) -> list:
    """Muon for the inner matrices; AdamW for embeddings, norms, biases, the first and last layers."""
    outer = ("conv_in.weight", "conv_out.weight", "classes.weight", "tokens.weight", "positions.weight")
    matrices, others = [], []
    for name, parameter in model.named_parameters():
        (matrices if parameter.ndim >= 2 and not name.endswith(outer) else others).append(parameter)
    return [
        Muon(matrices, lr=20 * lr, weight_decay=0.01),
        torch.optim.AdamW(others, lr=lr, betas=(0.9, 0.99), weight_decay=0.0),
    ]
