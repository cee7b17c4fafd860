"""``python -m cli.audit``: the audit trail of the assistant as it is configured; see ``crm.store.audit``."""

import sys

from crm.store import main as audit
from settings import SettingsError, load_settings


def main() -> int:
    """Passes the arguments on with the file that the settings name, and returns the exit status."""
    try:
        file = load_settings().var_dir / "ledger.db"
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    return audit(file=file)


if __name__ == "__main__":
    sys.exit(main())
