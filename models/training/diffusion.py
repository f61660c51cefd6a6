"""The forward process, the training loss and two samplers, as in DDPM (Ho et al. 2020), Improved DDPM
(Nichol and Dhariwal 2021), DDIM (Song et al. 2020) and v-prediction (Salimans and Ho 2022)."""

import math

import torch


# Of distilled models: those that four steps of diffusers' LCMScheduler visit; one and two steps visit the first, and the
# first and third.
FEW_TIMESTEPS = (999, 759, 499, 259)


def cosine_betas(steps: int, max_beta: float = 0.999) -> torch.Tensor:
    """Improved DDPM, eq. 17; the same numbers as diffusers' squaredcos_cap_v2."""

    def alpha_bar(u: float) -> float:
        return math.cos((u + 0.008) / 1.008 * math.pi / 2) ** 2

    ratios = [alpha_bar((i + 1) / steps) / alpha_bar(i / steps) for i in range(steps)]
    return torch.tensor([min(1 - r, max_beta) for r in ratios], dtype=torch.float64)


def normal_cdf(x: torch.Tensor) -> torch.Tensor:
    return 0.5 * (1 + torch.erf(x / math.sqrt(2)))


class Diffusion:
    """T steps of Gaussian noise. Timesteps are 0..T-1; tensors are [N, C, H, W] in [-1, 1]."""

    def __init__(self, steps: int = 1000):
        self.steps = steps
        betas = cosine_betas(steps)
        alphas_cumprod = torch.cumprod(1 - betas, 0)
        previous = torch.cat([torch.ones(1, dtype=torch.float64), alphas_cumprod[:-1]])
        posterior = betas * (1 - previous) / (1 - alphas_cumprod)
        self.alphas_cumprod = alphas_cumprod
        self.sqrt_alpha = alphas_cumprod.sqrt().float()
        self.sqrt_one_minus = (1 - alphas_cumprod).sqrt().float()
        self.log_betas = betas.log().float()
        self.log_posterior = torch.cat([posterior[1:2], posterior[1:]]).log().float()
        self.mean_x0 = (betas * previous.sqrt() / (1 - alphas_cumprod)).float()
        self.mean_xt = ((1 - previous) * (1 - betas).sqrt() / (1 - alphas_cumprod)).float()

    def to(self, device: torch.device) -> "Diffusion":
        for name, value in vars(self).items():
            if isinstance(value, torch.Tensor):
                setattr(self, name, value.to(device))
        return self

    @staticmethod
    def at(values: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
        return values[timestep].view(-1, 1, 1, 1)

    def add_noise(self, x0: torch.Tensor, noise: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """A sample of q(x_t | x_0), DDPM eq. 4."""
        return self.at(self.sqrt_alpha, t) * x0 + self.at(self.sqrt_one_minus, t) * noise

    def velocity(self, x0: torch.Tensor, noise: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return self.at(self.sqrt_alpha, t) * noise - self.at(self.sqrt_one_minus, t) * x0

    def predict_x0(self, v: torch.Tensor, xt: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return self.at(self.sqrt_alpha, t) * xt - self.at(self.sqrt_one_minus, t) * v

    def log_variance(self, fraction: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """Improved DDPM, eq. 15, with v = (fraction + 1) / 2."""
        v = (fraction + 1) / 2
        return v * self.at(self.log_betas, t) + (1 - v) * self.at(self.log_posterior, t)

    def losses(
        self, output: torch.Tensor, x0: torch.Tensor, xt: torch.Tensor, target: torch.Tensor,
        t: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """L_simple and one term of L_vlb in bits per dimension, each [N].

        The variance learns from L_vlb alone and the mean from L_simple alone: the mean's gradient
        is stopped in L_vlb (Improved DDPM, section 3.1)."""
        prediction, fraction = output.float().chunk(2, dim=1)
        simple = (prediction - target).square().mean(dim=(1, 2, 3))

        c0, ct = self.at(self.mean_x0, t), self.at(self.mean_xt, t)
        true_mean = c0 * x0 + ct * xt
        mean = c0 * self.predict_x0(prediction.detach(), xt, t) + ct * xt
        log_variance = self.log_variance(fraction, t)
        true_log_variance = self.at(self.log_posterior, t)
        divergence = 0.5 * (
            log_variance - true_log_variance - 1
            + torch.exp(true_log_variance - log_variance)
            + (true_mean - mean).square() * torch.exp(-log_variance)
        )
        vlb = torch.where(
            t.view(-1, 1, 1, 1) == 0,
            self.discretized_negative_log_likelihood(x0, mean, log_variance),
            divergence,
        )
        return simple, vlb.mean(dim=(1, 2, 3)) / math.log(2)

    @staticmethod
    def discretized_negative_log_likelihood(
        x0: torch.Tensor, mean: torch.Tensor, log_variance: torch.Tensor
    ) -> torch.Tensor:
        """DDPM, section 3.3: each byte's bin of width 2/255 under the Gaussian, open at the ends."""
        deviation = torch.exp(0.5 * log_variance)
        upper = normal_cdf((x0 - mean + 1 / 255) / deviation)
        lower = normal_cdf((x0 - mean - 1 / 255) / deviation)
        upper = torch.where(x0 > 0.999, torch.ones_like(upper), upper)
        lower = torch.where(x0 < -0.999, torch.zeros_like(lower), lower)
        return -(upper - lower).clamp(min=1e-12).log()

    def previous(self, t: int, stride: int) -> torch.Tensor:
        earlier = t - stride
        return self.alphas_cumprod[earlier] if earlier >= 0 else torch.ones_like(self.alphas_cumprod[0])

    @torch.no_grad()
    def ddim(self, model, x: torch.Tensor, labels: torch.Tensor, count: int) -> torch.Tensor:
        """DDIM with eta 0 and trailing timesteps."""
        stride = self.steps // count
        for t in range(self.steps - 1, -1, -stride):
            timestep = torch.full((len(x),), t, device=x.device)
            v = model(x, timestep, labels).float()[:, : x.shape[1]]
            x0 = self.predict_x0(v, x, timestep).clamp(-1, 1)
            alpha, earlier = self.alphas_cumprod[t], self.previous(t, stride)
            noise = (x - alpha.sqrt() * x0) / (1 - alpha).sqrt()
            x = (earlier.sqrt() * x0 + (1 - earlier).sqrt() * noise).float()
        return x

    @torch.no_grad()
    def few_steps(
        self, model, x: torch.Tensor, condition: torch.Tensor, timesteps: tuple, bounded: bool = True
    ) -> torch.Tensor:
        """Of distilled models: x_0 at once at each timestep, with fresh noise between (Luo et al. 2023, algorithm 3)."""
        for index, t in enumerate(timesteps):
            timestep = torch.full((len(x),), t, device=x.device)
            x0 = self.predict_x0(model(x, timestep, condition).float()[:, : x.shape[1]], x, timestep)
            x0 = x0.clamp(-1, 1) if bounded else x0
            if index + 1 == len(timesteps):
                return x0
            x = self.add_noise(x0, torch.randn_like(x), torch.full_like(timestep, timesteps[index + 1]))

    @torch.no_grad()
    def ddpm(self, model, x: torch.Tensor, labels: torch.Tensor, count: int) -> torch.Tensor:
        """DDPM with the learned variance, on `count` trailing timesteps (Improved DDPM, section 4)."""
        stride = self.steps // count
        for t in range(self.steps - 1, -1, -stride):
            timestep = torch.full((len(x),), t, device=x.device)
            v, fraction = model(x, timestep, labels).float().chunk(2, dim=1)
            x0 = self.predict_x0(v, x, timestep).clamp(-1, 1)
            alpha, earlier = self.alphas_cumprod[t], self.previous(t, stride)
            beta = 1 - alpha / earlier
            mean = earlier.sqrt() * beta / (1 - alpha) * x0
            mean = mean + (1 - beta).sqrt() * (1 - earlier) / (1 - alpha) * x
            if t - stride < 0:
                return mean.float()
            smallest = (beta * (1 - earlier) / (1 - alpha)).log()
            log_variance = smallest + (fraction + 1) / 2 * (beta.log() - smallest)
            x = (mean + torch.exp(0.5 * log_variance) * torch.randn_like(x)).float()
        return x
