"""Fits a sine with PyTorch Lightning, which keeps its CSV files."""

import argparse

import lightning as L
import torch
from lightning.pytorch.loggers import CSVLogger
from torch.utils.data import DataLoader, TensorDataset


class Sine(L.LightningModule):
    def __init__(self, lr: float, width: int):
        super().__init__()
        self.lr = lr
        self.net = torch.nn.Sequential(torch.nn.Linear(1, width), torch.nn.Tanh(), torch.nn.Linear(width, 1))

    def training_step(self, batch, _):
        loss = torch.nn.functional.mse_loss(self.net(batch[0]), batch[1])
        self.log("train_loss", loss, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch, _):
        self.log("val_loss", torch.nn.functional.mse_loss(self.net(batch[0]), batch[1]))

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.lr)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.03)
    parser.add_argument("--width", type=int, default=16, help="of the hidden layer")
    parser.add_argument("--max_epochs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    L.seed_everything(args.seed)
    x = torch.linspace(-3, 3, 64)[:, None]
    points = TensorDataset(x, torch.sin(x))
    trainer = L.Trainer(
        max_epochs=args.max_epochs,
        accelerator="cpu",
        logger=CSVLogger("logs"),
        log_every_n_steps=1,
        enable_progress_bar=False,
    )
    trainer.fit(Sine(args.lr, args.width), DataLoader(points, 16, shuffle=True), DataLoader(points, 64))


if __name__ == "__main__":
    main()
