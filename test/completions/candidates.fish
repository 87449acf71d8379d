# candidates.fish FILE LINE...: what fish offers at the end of each line, with the completions of FILE, one candidate a
# line and an empty line after each answer.
source $argv[1]
for line in $argv[2..]
    complete -C $line | string replace -r '\t.*' ''
    echo
end
