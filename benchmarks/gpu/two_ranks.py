"""The product's command line with one more strategy, ``ddp_gloo``: NCCL refuses two ranks on one GPU, gloo does not."""

from pytorch_lightning.strategies import DDPStrategy, StrategyRegistry

from zen_lightning.cli import main

if __name__ == "__main__":
    StrategyRegistry.register("ddp_gloo", DDPStrategy, description="DDP with gloo on any device", process_group_backend="gloo")
    main()
