"""What the command line can do: one small file a task. Nothing imports this package but the command line."""
