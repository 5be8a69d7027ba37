"""From one line of text to a trained network. With ``data``, the only user of PyTorch Lightning beside the tasks."""
