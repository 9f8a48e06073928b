#!/usr/bin/env bash
# Fails if the jobs of the public CI and the steps of .ci/run differ.
set -euo pipefail
cd "$(dirname "$0")/.."

steps=$(sed -n 's/^STEPS=${\*:-\(.*\)}$/\1/p' .ci/run | tr ' ' '\n' | sort)
# Its jobs run the two commands of the step `commands` on each platform.
jobs=$({ echo commands; sed -n 's/.*run: \.ci\/run //p' .github/workflows/ci.yml | tr ' ' '\n'; } | sort)
if ! diff <(echo "$steps") <(echo "$jobs"); then
  echo "jobs: < is a step of .ci/run that no job runs, > a job for a step that is not there" >&2
  exit 1
fi
