"""Run the notebooks as tests, in a random order.
test_notebooks.py [--seed N] [--alone] [--jobs N] [--slow] [--flags "gpu hub"] [NAME ...]

All of them run in one process, one after another, so that one that leaves something behind is found out by those
after it; the order's seed is printed, and `--seed` repeats it. `--alone` gives each a process of its own (with `--jobs`
so many at once, with one thread each), `--slow` takes the notebooks that have slow cells, with those cells, and NAMEs
(without .ipynb) take these alone. OMP_NUM_THREADS, where it is set, goes before what a notebook asks for."""
import argparse, os, random, secrets, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from fastcore.all import working_directory
from nbdev.config import get_config
from nbdev.doclinks import nbglob
from nbdev.test import test_nb
from check_notebooks import has_slow_cells

def chosen(names, slow):
    "The notebooks to run, sorted"
    found = sorted(p.absolute() for p in nbglob(as_path=True))
    if missing := set(names) - {p.stem for p in found}: raise SystemExit(f'there is no notebook {missing.pop()!r}')
    return [p for p in found if (not names or p.stem in names) and (not slow or has_slow_cells(p))]

def run_here(path, flags):
    "(passed, seconds) of a notebook in this process"
    skip = get_config().tst_flags.split()
    return test_nb(path, skip_flags=skip, force_flags=flags, basepath=get_config().config_path)

def run_alone(path, flags, env):
    "The same in a process of its own"
    start = time.time()
    command = [sys.executable, __file__, '--flags', ' '.join(flags), path.stem]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, env=env)
    return done.returncode == 0, time.time() - start

def keep_threads():
    "Let no notebook take other threads than the environment gives"
    import torch
    torch.set_num_threads = lambda n: None

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('names', nargs='*')
    parser.add_argument('--seed', type=int)
    parser.add_argument('--flags', default='')
    parser.add_argument('--alone', action='store_true')
    parser.add_argument('--jobs', type=int, default=1)
    parser.add_argument('--slow', action='store_true')
    args = parser.parse_args()
    seed = secrets.randbelow(10_000) if args.seed is None else args.seed
    flags = args.flags.split() + ['slow'] * args.slow
    notebooks = chosen(args.names, args.slow)
    random.Random(seed).shuffle(notebooks)
    print(f'{len(notebooks)} notebooks, order by --seed {seed}', flush=True)
    if 'OMP_NUM_THREADS' in os.environ and not args.alone: keep_threads()
    one_thread = dict.fromkeys(('OMP_NUM_THREADS', 'MKL_NUM_THREADS'), '1') if args.jobs > 1 else {}
    alone, here = partial(run_alone, flags=flags, env=os.environ | one_thread), partial(run_here, flags=flags)
    failed = []
    with working_directory(get_config().nbs_path), ThreadPoolExecutor(args.jobs) as pool:
        results = pool.map(alone, notebooks) if args.alone else map(here, notebooks)
        for path, (passed, seconds) in zip(notebooks, results):
            if not passed: failed.append(path.name)
            print(f'{path.name}: {int(seconds)} secs' if passed else f'{path.name}: FAILED', flush=True)
    if failed: sys.exit(f'failed, with --seed {seed}: {" ".join(failed)}')
    print('Success.')

if __name__ == '__main__': main()
