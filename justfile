# `pip install rust-just` brings `just`; every recipe is plain enough to type by hand.

default: lint test

# The quick suite, some minutes on two cores (CONTRIBUTING.md); options go to pytest: just test -k query
test *options:
    python -m pytest -n auto -m 'not slow and not soak and not gpu and not network' {{ options }}

# The whole suite, as README and CI run it
test-all *options:
    python -m pytest {{ options }}

# The figures of README: thousands of odd inputs, dozens of kills
soak *options:
    python -m pytest -m soak {{ options }}

lint:
    ruff check
    ruff format --check
    mypy
    lint-imports
    python -m cogapp --check --diff -I docs docs/cli.md README.md

# Help pages and README's session, as the program says them now
docs:
    python -m cogapp -r -I docs docs/cli.md README.md

# What the demo library answers, after a change of encoders or scoring that is meant
golden:
    python tests/golden_ranking.py

fix:
    ruff check --fix
    ruff format

demo:
    nw demo

# Every benchmark prints a ratio against a named peer measured in the same run
bench:
    for file in benchmarks/*.py benchmarks/*/*.py; do python "$file"; done

# What a library of 10,000 and of 100,000 songs costs, beside FAISS and LanceDB; a million: just scale 1000000
scale *options='10000 100000':
    python -m pip install -q -c constraints.txt faiss-cpu lancedb
    python benchmarks/search/scale.py {{ options }}

# Four ways to hear songs of minutes under one budget, one table: just long-audio jamendo --on song-describer:FILE,AUDIO
long-audio *options:
    python benchmarks/training/head_to_head.py long-audio {{ options }}

# The first attempt's five text systems on tables of pairs, one table: just first-attempt pairs.jsonl
first-attempt *options:
    python benchmarks/training/head_to_head.py first-attempt {{ options }}

# What is to be measured on a card, in seven minutes
gpu *options:
    python benchmarks/training/gpu.py {{ options }}

# The weights of `mini` from nothing to their card, the same again after a kill. DATA: songs that are sung in
# folders of their own, teachers, MusicCaps' table and captioned clips; the rest are Debian packages, fetched
mini dest data *options:
    mkdir -p {{ dest }}/start
    git show 495b8ac:models/weights/mini/model.safetensors > {{ dest }}/start/model.safetensors
    git show 495b8ac:models/weights/mini/config.json > {{ dest }}/start/config.json
    nw --home {{ dest }} {{ options }} train sound --recipe mini-audioset --set start={{ dest }}/start \
        --data {{ data }}/ultrastar --data {{ data }}/jamendolyrics --data {{ data }}/librosa \
        --data {{ data }}/musiccaps --data {{ data }}/teachers/audioset --run mini --resume
    nw --home {{ dest }} {{ options }} train sound --recipe mini-solos --set start={{ dest }}/runs/mini/best \
        --data {{ data }}/ultrastar --data {{ data }}/jamendolyrics --data {{ data }}/librosa --run solos --resume
    cp {{ dest }}/runs/solos/best/config.json {{ dest }}/runs/solos/best/model.safetensors models/weights/mini/
    python benchmarks/training/mini_card.py --captioned {{ data }}/captioned --before {{ dest }}/runs/mini/best \
        --music {{ dest }}/cache/mini-audioset/packages/music \
        --soundfonts {{ dest }}/cache/mini-audioset/packages/soundfonts --card models/weights/mini/README.md
