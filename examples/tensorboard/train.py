"""Learns the exclusive or with a small network, and writes its curves for TensorBoard."""

import argparse

import torch
from torch.utils.tensorboard import SummaryWriter

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--hidden", type=int, default=8, help="width of the hidden layer")
parser.add_argument("--steps", type=int, default=50)
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args()

torch.manual_seed(args.seed)
inputs = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
targets = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
model = torch.nn.Sequential(torch.nn.Linear(2, args.hidden), torch.nn.Tanh(), torch.nn.Linear(args.hidden, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
writer = SummaryWriter()
for step in range(args.steps):
    outputs = model(inputs)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(outputs, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    writer.add_scalar("train/loss", loss.item(), step)
    if step % 10 == 0:
        writer.add_scalar("val/accuracy", ((outputs > 0) == targets).float().mean().item(), step)
writer.close()
