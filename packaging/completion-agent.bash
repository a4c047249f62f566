# Completion of dmigate-agent is that of dmigate.
. "$(dirname "${BASH_SOURCE[0]}")/dmigate"
