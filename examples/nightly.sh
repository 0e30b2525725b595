#!/usr/bin/env bash
# Last night's log as tables and as a report, by the command line alone. A line of crontab runs it at five past
# midnight:
#
#   5 0 * * *  /opt/ocpplog/examples/nightly.sh /var/log/csms/ocpp.log.1.gz /srv/ocpp
#
# cron mails what a job says on stderr, so a quiet night sends no mail. Nor may a log without messages: count them, as
# docs/guides/nightly.md shows; it also says how to publish the report, which is readable by its owner only. Exit codes:
# 3 if more than MAX_REJECTS pieces of the log were not understood, 4 if it cannot be read, 5 if the result cannot be
# written.
set -euo pipefail

log=$1
out=$2/$(date -u +%F)
mkdir -p "$2"

ocpplog tables "$log" --out "$out" --max-rejects "${MAX_REJECTS:-100}" --quiet
ocpplog report "$log" --out "$out/report.html" --local-time "${LOCAL_TIME:-UTC}" --quiet
