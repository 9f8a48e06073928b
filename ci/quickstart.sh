#!/usr/bin/env bash
# Follows the quick start of the README to the letter: a new crate, the two blocks pasted, the server
# started, the program run. Fails where a step is missing or prints something else.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

# The n-th block of a language in the README.
block() {
  awk -v fence="\`\`\`$1" -v n="$2" '
    $0 == "```" && open { exit }
    open { print }
    $0 == fence { open = ++seen == n }' README.md
}

home=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$home"' EXIT

cargo init --quiet --vcs none --name quickstart "$home/quickstart"
ln -s "$root" "$home/perennial"
cd "$home/quickstart"
sed -i '/^\[dependencies\]/d' Cargo.toml
block_toml=$(cd "$root" && block toml 1)
block_rust=$(cd "$root" && block rust 1)
printf '%s\n' "$block_toml" >>Cargo.toml
printf '%s\n' "$block_rust" >src/main.rs

(cd "$root" && cargo build --quiet --bin shop)
target=$(cd "$root" && cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
# A pipe instead of a pause: the server prints when it listens.
mkfifo "$home/listening"
"$target/debug/shop" >"$home/listening" &
server=$!
read -r line <"$home/listening"
case $line in
  "listening on http://127.0.0.1:8080"*) ;;
  *)
    echo "quickstart: the server said: $line" >&2
    exit 1
    ;;
esac

# The new crate shares the target folder, so that its dependencies are built once.
printed=$(CARGO_TARGET_DIR=$target cargo run --quiet)
expected=$(sed -n '/^\$ cargo run$/{n;p;q;}' "$root/README.md")
if [ "$printed" != "$expected" ]; then
  printf 'quickstart: expected\n  %s\nbut the program printed\n  %s\n' "$expected" "$printed" >&2
  exit 1
fi
echo "quickstart: the README's block printed: $printed"

# What needs a feature that the quick start leaves out says so.
while read -r feature code; do
  printf 'use perennial::{api_client, Result};\n#[api_client]\npub trait Shop {\n    #[get("/")]\n    async fn home(&self) -> Result<()>;\n}\nfn main() {\n    let shop = ShopClient::builder("http://127.0.0.1:8080");\n    %s\n}\n' "$code" >src/main.rs
  said=$(CARGO_TARGET_DIR=$target cargo check --quiet 2>&1) && said=nothing
  case $said in
    *"needs the feature \`$feature\`"*) echo "quickstart: without \`$feature\`, the compiler names it" ;;
    *)
      printf 'quickstart: the compiler should name the feature `%s`, but said\n%s\n' "$feature" "$said" >&2
      exit 1
      ;;
  esac
done <<'END'
blocking let _ = shop.build().unwrap().home().wait();
oauth2 let _ = shop.oauth2(&());
gzip-requests let _ = shop.gzip_requests(1024);
cookies let _ = shop.cookie_provider(());
END
