"""Folders for what is kept of conversations: for their owner only."""

from pathlib import Path


def private_folder(path: Path) -> Path:
    """The folder, made where it is missing so that no other account of the machine may look into it."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)  # the mode of mkdir is cut by the umask, and does not hold for parents
    return path
