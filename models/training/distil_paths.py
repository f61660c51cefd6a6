"""What a student learns from: paths of its teacher, and what it has drawn itself."""

import math

import torch

from diffusion import FEW_TIMESTEPS as TIMESTEPS
from distil_teachers import Teacher

# To each of the student's timesteps in even steps, and at its end denser, where details are made.
PATH = (999, 939, 879, 819, 759, 694, 629, 564, 499, 439, 379, 319, 259, 208, 160, 118, 80, 47, 20, 5)
PATHS_AT_ONCE = 50  # on a processor larger batches are slower


class Paths:
    """Paths of the teacher to pictures, with the points of PATH: from noise, and from noised pictures of the student, so that
    it learns what to do with its own."""

    def __init__(self, teacher: Teacher, size: int, device: torch.device):
        self.teacher, self.device, self.next = teacher, device, 0
        parts = [self.make(*self.noise(PATHS_AT_ONCE)) for _ in range(math.ceil(size / PATHS_AT_ONCE))]
        self.points, self.ends, self.rows, self.starts = (torch.cat(each) for each in zip(*parts))

    def noise(self, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.randn(count, *self.teacher.shape, device=self.device), self.teacher.batch(count)[1]

    @torch.no_grad()
    def make(self, x: torch.Tensor, rows: torch.Tensor, start: int = 0) -> tuple[torch.Tensor, ...]:
        """All points from the place `start` on (before it zeros), the ends, the rows, the starts."""
        teacher, diffusion = self.teacher, self.teacher.diffusion
        points = [torch.zeros_like(x).half()] * start
        for now, following in zip(PATH[start:], (*PATH[start + 1:], None)):
            points.append(x.half())
            t = torch.full((len(x),), now, device=self.device)
            x0 = teacher.predict(x, t, rows)
            noise = (x - diffusion.at(diffusion.sqrt_alpha, t) * x0) / diffusion.at(diffusion.sqrt_one_minus, t)
            x = x0 if following is None else diffusion.add_noise(x0, noise, torch.full_like(t, following))
        return torch.stack(points, 1), x.half(), rows, torch.full((len(x),), start, device=self.device)

    def refresh(self, count: int, drawn: "Drawn | None") -> None:
        if drawn:
            timestep = TIMESTEPS[1 + int(torch.randint(len(TIMESTEPS) - 1, ()))]
            t = torch.full((count,), timestep, device=self.device)
            pictures, rows = drawn.batch(t)
            made = self.make(self.teacher.diffusion.add_noise(pictures, torch.randn_like(pictures), t), rows, PATH.index(timestep))
        else:
            made = self.make(*self.noise(count))
        for old, new in zip((self.points, self.ends, self.rows, self.starts), made):
            old[self.next:self.next + count] = new[:len(old) - self.next]
        self.next = (self.next + count) % len(self.rows)

    def batch(self, places: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        chosen = torch.multinomial((self.starts <= places[:, None]).float(), 1)[:, 0]
        return self.points[chosen, places].float(), self.ends[chosen].float(), self.rows[chosen]


class Drawn:
    """The latest pictures that the student has drawn at each of its timesteps but the last, to be noised and drawn on."""

    def __init__(self, size: int = 1024):
        self.size, self.pictures, self.rows = size, {}, {}

    def add(self, timesteps: torch.Tensor, pictures: torch.Tensor, rows: torch.Tensor) -> None:
        for timestep in TIMESTEPS[:-1]:
            here = timesteps == timestep
            for kept, new in ((self.pictures, pictures), (self.rows, rows)):
                old = kept.get(timestep, new[:0])
                kept[timestep] = torch.cat([old, new[here]])[-self.size:]

    def ready(self) -> bool:
        return len(self.rows) == len(TIMESTEPS) - 1 and all(len(rows) >= 256 for rows in self.rows.values())

    def batch(self, timesteps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Pictures that a run at an earlier timestep gave, the nearest or any."""
        pictures, rows = [], []
        for timestep in timesteps.tolist():
            earlier = [each for each in TIMESTEPS[:-1] if each > timestep]
            source = earlier[-1] if torch.rand(()) < 0.5 else earlier[int(torch.randint(len(earlier), ()))]
            chosen = int(torch.randint(len(self.rows[source]), ()))
            pictures.append(self.pictures[source][chosen])
            rows.append(self.rows[source][chosen])
        return torch.stack(pictures), torch.stack(rows)
