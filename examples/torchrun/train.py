"""Fits a plane in several processes, each with its share of the points. Start it with torchrun."""

import argparse
import os

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args()

dist.init_process_group("gloo")
rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
torch.manual_seed(args.seed)
points = torch.randn(256, 3)
heights = points @ torch.tensor([1.0, -2.0, 0.5])
mine, wanted = points[rank::world], heights[rank::world]
model = DistributedDataParallel(torch.nn.Linear(3, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    loss = (model(mine).squeeze(1) - wanted).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    dist.all_reduce(loss)
    if rank == 0:
        print(f"epoch {epoch} loss {loss.item() / world:.6f}")
dist.destroy_process_group()
