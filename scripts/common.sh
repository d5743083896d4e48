# Shared by the scripts beside this file: finds or installs what they need.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The linter for TOML that editors use, with which a test proves the schemas.
need_taplo() {
  TAPLO="${TAPLO:-$(command -v taplo || echo "$PWD/target/taplo/bin/taplo")}"
  export TAPLO
  [ -x "$TAPLO" ] && return
  need_packages pip3=python3-pip
  pip3 install --quiet --disable-pip-version-check --root-user-action=ignore --target target/taplo taplo==0.9.3
}

# The reader of BPMN of other tools, which brings the schemas of the OMG.
need_bpmn_tools() {
  need_packages node=nodejs npm=npm xmllint=libxml2-utils
  export BPMN_TOOLS="$PWD/target/bpmn"
  [ -d "$BPMN_TOOLS/node_modules/bpmn-moddle" ] && return
  mkdir -p "$BPMN_TOOLS"
  npm install --silent --no-fund --no-audit --prefix "$BPMN_TOOLS" bpmn-moddle@9.0.4
}

# The rules for accessible pages, which a test runs in Chromium on the pages of the portal.
need_axe() {
  need_packages npm=npm openssl=openssl
  export AXE="$PWD/target/axe/package/axe.min.js"
  [ -f "$AXE" ] && return
  local archive=target/axe/axe-core-4.10.3.tgz
  local wanted=Xm7bpRXnDSX2YE2YFfBk2FnF0ep6tmG7xPh8iHee8MIcrgq762Nkce856dYtJYLkuIoYZvGfTs/PbZhideTcEg==
  mkdir -p target/axe
  npm pack --silent --pack-destination target/axe axe-core@4.10.3 >/dev/null
  if [ "$(openssl dgst -sha512 -binary "$archive" | openssl base64 -A)" != "$wanted" ]; then
    echo "$archive is not the archive that was read when its version was chosen" >&2
    exit 1
  fi
  tar -xzf "$archive" -C target/axe package/axe.min.js
}

# The tools that make components of JavaScript and Python, with which tests prove the templates.
need_guest_tools() {
  need_packages node=nodejs npm=npm pip3=python3-pip
  export GUEST_TOOLS="$PWD/target/guests"
  if [ ! -d "$GUEST_TOOLS/js/node_modules/@bytecodealliance/componentize-js" ]; then
    mkdir -p "$GUEST_TOOLS/js"
    npm install --silent --no-fund --no-audit --prefix "$GUEST_TOOLS/js" @bytecodealliance/componentize-js@0.23.0
  fi
  if [ ! -x "$GUEST_TOOLS/py/bin/componentize-py" ]; then
    pip3 install --quiet --disable-pip-version-check --root-user-action=ignore --target "$GUEST_TOOLS/py" componentize-py==0.25.1
  fi
}

need_rust() {
  command -v cargo >/dev/null || { echo "Rust is not installed: see https://rustup.rs"; exit 1; }
  if command -v rustup >/dev/null; then
    rustup target list --installed | grep -qx wasm32-wasip2 || rustup target add wasm32-wasip2
  fi
}

# need_packages PROGRAM=PACKAGE…: installs the packages whose programs are missing, or says what to install.
need_packages() {
  local missing=() pair
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null || compgen -G "/usr/lib/postgresql/*/bin/${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
  done
  [ "${#missing[@]}" -eq 0 ] && return
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
  else
    echo "Please install first: sudo apt-get install ${missing[*]}"
    exit 1
  fi
}
