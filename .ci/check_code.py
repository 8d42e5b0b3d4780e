"""How the code reads, in figures, and which names it shows. Exit 1 where a figure is over its limit.

density  nodes of the syntax tree for each line of a function's body, in functions of three lines and more
width    share of lines of code over 120 columns
stretch  the longest run of exported code in a notebook, in lines and cells, before anything is run and shown
names    public names: how many; each documented, and used outside its room, by a command, in `dit_nb.all` or through
         a registry (those are not counted); no private name of one room in another"""
import ast, json, re, sys
from configparser import ConfigParser
from pathlib import Path

root = Path(__file__).resolve().parent.parent
LIMITS = dict(density_median=16, density_90=23, over_120_percent=2, stretch_lines=60, stretch_cells=3, public_names=310)

def modules(): return sorted(p for p in (root/'dit_nb').rglob('*.py') if p.name not in ('_modidx.py', '__init__.py'))
def notebooks(): return sorted(p for p in (root/'nbs').rglob('*.ipynb') if '.ipynb_checkpoints' not in p.parts)

def cells(path):
    "(source, whether it has an output) of each code cell"
    for c in json.loads(path.read_text(encoding='utf-8'))['cells']:
        if c['cell_type'] == 'code': yield ''.join(c['source']), bool(c.get('outputs'))

def quantile(xs, q):
    "The value below which a share `q` of the values lies"
    return sorted(xs)[min(len(xs) - 1, int(q * len(xs)))]

# density and width

def is_docstring(node): return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)

def densities(path):
    "(nodes a line, name) of each function"
    text = path.read_text(encoding='utf-8')
    lines = text.splitlines()
    for f in ast.walk(ast.parse(text)):
        if not isinstance(f, (ast.FunctionDef, ast.AsyncFunctionDef)): continue
        body = [node for node in f.body if not is_docstring(node)]
        if not body: continue
        own = [l.strip() for l in lines[body[0].lineno - 1:f.end_lineno]]
        count = sum(bool(l) and not l.startswith('#') for l in own)
        if count >= 3: yield sum(1 for node in body for _ in ast.walk(node)) / count, f'{path.stem}.{f.name}'

# rhythm

def stretches(path):
    "(lines, cells) of each run of exported cells up to the next cell that shows or tests something"
    n_lines = n_cells = 0
    for source, shown in cells(path):
        code = [l for l in source.splitlines() if l.strip() and not l.strip().startswith('#|')]
        only_imports = all(re.match(r'\s*(from|import|\)|[A-Za-z_, ]+\)?$)', l) for l in code)
        if re.search(r'^#\|\s*export', source, re.M):
            if only_imports: continue
            n_lines, n_cells = n_lines + len(code), n_cells + 1
            yield n_lines, n_cells
        elif shown or re.search(r'test_|assert', source): n_lines = n_cells = 0

# names

def room(path): return '.'.join(path.relative_to(root/'dit_nb').with_suffix('').parts)

def public(tree):
    "Names in `__all__`"
    found = [n for n in tree.body if isinstance(n, ast.Assign) and getattr(n.targets[0], 'id', '') == '__all__']
    return ast.literal_eval(found[0].value) if found else []

def registered(tree):
    "Classes that are reached through a registry: descendants of a class of the module with `__init_subclass__`"
    classes = [n for n in tree.body if isinstance(n, ast.ClassDef)]
    registrars = {n.name for n in classes if any(getattr(f, 'name', '') == '__init_subclass__' for f in n.body)}
    found = set()
    for n in classes: # a class stands below those it descends from
        if {getattr(base, 'id', '') for base in n.bases} & (registrars | found): found.add(n.name)
    return found

def undocumented(tree, names):
    "Those of the names that are functions or classes without a docstring"
    defined = {n.name: n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    return [n for n in names if n in defined and not ast.get_docstring(defined[n])]

def imported(tree, here=''):
    "(room, name) of what a module or notebook imports from the package"
    for n in ast.walk(tree):
        if not isinstance(n, ast.ImportFrom) or not n.module: continue
        parents = here.split('.')[:-1]
        beside = parents[:len(parents) - n.level + 1] if n.level else []
        where = '.'.join([*beside, n.module]).removeprefix('dit_nb.')
        for a in n.names: yield where, a.name

def parsed(source):
    "The syntax tree of a cell; of one with magics, nothing"
    try: return ast.parse(source)
    except SyntaxError: return ast.parse('')

def name_problems():
    "(number of public names, what is wrong with them)"
    trees = {room(p): ast.parse(p.read_text(encoding='utf-8')) for p in modules()}
    uses, problems = [], []
    for name, tree in trees.items(): uses += [(name, *use) for use in imported(tree, name)]
    for book in notebooks():
        sources = [s for s, _ in cells(book)]
        own = next((m[1] for s in sources if (m := re.search(r'#\|\s*default_exp\s+(\S+)', s))), str(book))
        uses += [(own, *use) for s in sources for use in imported(parsed(s))]
    config = ConfigParser(delimiters=['='])
    config.read(root/'settings.ini', encoding='utf-8')
    commands = set(re.findall(r'dit_nb\.([\w.]+):(\w+)', config['DEFAULT']['console_scripts']))
    used = {(where, name) for user, where, name in uses if user != where} | commands
    for here, tree in trees.items():
        if here == 'all': continue
        names, by_registry = public(tree), registered(tree)
        problems += [f'{here}.{n}: has no docstring' for n in undocumented(tree, names)]
        problems += [f'{here}.{n}: public, but used by no other room' for n in names
                     if (here, n) not in used and n not in by_registry]
    private = {(user, where, name) for user, where, name in uses if name.startswith('_') and user != where}
    problems += [f'{user}: imports {name}, which is private to {where}' for user, where, name in sorted(private)]
    return sum(len(set(public(t)) - registered(t)) for here, t in trees.items() if here != 'all'), problems

def main():
    dense = sorted((d for p in modules() for d in densities(p)), reverse=True)
    width = [len(l) for p in modules() for l in p.read_text(encoding='utf-8').splitlines() if l.strip()]
    longest = {p.name: max(stretches(p), default=(0, 0)) for p in notebooks()}
    cells_of = {p.name: max((c for _, c in stretches(p)), default=0) for p in notebooks()}
    names, problems = name_problems()
    figures = dict(density_median=quantile([d for d, _ in dense], .5), density_90=quantile([d for d, _ in dense], .9),
                   over_120_percent=100 * sum(w > 120 for w in width) / len(width), stretch_lines=max(l for l, _ in longest.values()),
                   stretch_cells=max(cells_of.values()), public_names=names)
    for k, limit in LIMITS.items(): print(f'{k:18} {figures[k]:6.1f}   limit {limit}')
    over = [k for k, limit in LIMITS.items() if figures[k] > limit]
    if over:
        print('densest:', ', '.join(f'{n} {d:.0f}' for d, n in dense[:12]))
        print('longest stretches:', {k: v for k, v in sorted(longest.items(), key=lambda kv: -kv[1][0])[:6]})
        print('most cells:', {k: v for k, v in sorted(cells_of.items(), key=lambda kv: -kv[1])[:6]})
    print('\n'.join(problems), end='\n' if problems else '')
    return bool(over or problems)

if __name__ == '__main__': sys.exit(main())
