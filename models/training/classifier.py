"""Two small classifiers of Fashion-MNIST. `measuring`: its 128 features measure the Fréchet distance, its answers the
agreement of class-conditional samples. `choosing`, of another architecture and seed, chooses among checkpoints of a
training, so that what measures has no part in what is measured.

    python3 models/training/classifier.py measuring
    python3 models/training/classifier.py choosing
"""

import argparse
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

import dataset

FOLDER = Path(__file__).parent


class Classifier(nn.Module):
    """Pictures [N, 1, 28, 28] in [-1, 1] to features [N, 128] and logits [N, 10]."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(),
            nn.Conv2d(64, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(64, 128, 3, padding=1), nn.BatchNorm2d(128), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(128 * 9, 128), nn.ReLU(),
        )
        self.head = nn.Linear(128, 10)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.features(x)
        return features, self.head(F.dropout(features, 0.3, self.training))


class Residual(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.GroupNorm(8, channels), nn.SiLU(), nn.Conv2d(channels, channels, 3, padding=1),
            nn.GroupNorm(8, channels), nn.SiLU(), nn.Conv2d(channels, channels, 3, padding=1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.layers(x)


class ChoosingClassifier(nn.Module):
    """The same face as Classifier: residual blocks, group normalization, strides and an average over all places."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 40, 5, stride=2, padding=2), Residual(40), Residual(40),
            nn.Conv2d(40, 96, 3, stride=2, padding=1), Residual(96), Residual(96),
            nn.Conv2d(96, 96, 3, stride=2, padding=1), nn.GroupNorm(8, 96), nn.SiLU(),
            nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(384, 128), nn.SiLU(),
        )
        self.head = nn.Linear(128, 10)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.features(x)
        return features, self.head(F.dropout(features, 0.3, self.training))


# What each is, the seed of its training, and where its weights are.
KINDS = {
    "measuring": (Classifier, 0, FOLDER / "classifier.pt"),
    "choosing": (ChoosingClassifier, 1, FOLDER / "choosing_classifier.pt"),
}


def load_classifier(kind: str = "measuring") -> nn.Module:
    make, _, weights = KINDS[kind]
    model = make()
    model.load_state_dict(torch.load(weights, map_location="cpu"))
    return model.eval()


@torch.no_grad()
def apply(model: nn.Module, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Features and predicted classes of any number of pictures."""
    features, classes = [], []
    for batch in images.split(500):
        feature, logits = model(batch)
        features.append(feature)
        classes.append(logits.argmax(1))
    return torch.cat(features), torch.cat(classes)


def accuracy(model: nn.Module, split: str = "t10k") -> float:
    images, labels = dataset.load(split)
    return (apply(model.eval(), images)[1] == labels).float().mean().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch", type=int, default=128)
    options = parser.parse_args()
    make, seed, weights = KINDS[options.kind]
    torch.manual_seed(seed)
    images, labels = dataset.load("train")
    model = make()
    steps = options.epochs * (len(images) // options.batch)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, steps)
    for epoch in range(options.epochs):
        model.train()
        for chosen in torch.randperm(len(images)).split(options.batch)[: len(images) // options.batch]:
            batch = images[chosen]
            flip = torch.rand(len(batch), 1, 1, 1) < 0.5
            batch = torch.where(flip, batch.flip(3), batch)
            loss = F.cross_entropy(model(batch)[1], labels[chosen], label_smoothing=0.05)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch + 1}: test accuracy {accuracy(model):.4f}", flush=True)
    torch.save(model.state_dict(), options.out or weights)


if __name__ == "__main__":
    main()
