"""Trains a tiny GPT-2 from random weights to count, with Hugging Face's trainer; nothing is downloaded."""

from dataclasses import dataclass

import torch
from transformers import GPT2Config, GPT2LMHeadModel, HfArgumentParser, Trainer, TrainingArguments


@dataclass
class ModelArguments:
    n_layer: int = 1
    n_embd: int = 16


class Counting(torch.utils.data.Dataset):
    def __len__(self):
        return 64

    def __getitem__(self, index):
        tokens = torch.arange(index, index + 8) % 32
        return {"input_ids": tokens, "labels": tokens}


def main():
    model_args, training_args = HfArgumentParser(
        (ModelArguments, TrainingArguments)
    ).parse_args_into_dataclasses()
    torch.manual_seed(training_args.seed)
    config = GPT2Config(
        vocab_size=32, n_positions=8, n_head=2, n_layer=model_args.n_layer, n_embd=model_args.n_embd
    )
    trainer = Trainer(
        GPT2LMHeadModel(config), training_args, train_dataset=Counting(), eval_dataset=Counting()
    )
    trainer.train()
    trainer.save_state()


if __name__ == "__main__":
    main()
