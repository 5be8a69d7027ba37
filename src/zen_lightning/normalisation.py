"""The statistics that images are normalised by: mean and standard deviation of red, green and blue, of values from 0 to 1."""

CIFAR_MEAN, CIFAR_STD = (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)
"""As Zen-NAS has them; the deviation is the mean of those of single images."""

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
