"""The augmentation of many images at once, on the device of the training."""
