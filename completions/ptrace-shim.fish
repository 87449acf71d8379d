#compdef ptrace-shim eu-stack vgdb @COMPLETED@
# Completion for ptrace-shim, and for the process ids of tools that have no completion of their own. `ptrace-shim
# completion` prints it with what it knows of tools and settings in place of @NAMES@.

# fish looks for it under the name of each command; once is enough. (A `return` here would end the function that
# completes a command behind --, when it is what makes fish look.)
if not functions -q __ptrace_shim_at
    set -g __ptrace_shim_tools @TOOLS@

    # Is the cursor at an argument of this command of ptrace-shim (and of this action of it)?
    function __ptrace_shim_at
        set -l words (commandline -opc)
        set -l last (math (count $argv) + 1)
        not contains -- -- $words
        and test (count $words) -ge $last
        and test "$words[2..$last]" = "$argv"
    end

    function __ptrace_shim_at_command
        test (count (commandline -opc)) -eq 1
    end

    # The same, at exactly the n-th word behind it.
    function __ptrace_shim_at_word
        test (count (commandline -opc)) -eq (math (count $argv) - 1 + $argv[1])
        and __ptrace_shim_at $argv[2..]
    end

    # Behind -- a command of its own begins.
    function __ptrace_shim_inner_words
        set -l words (commandline -opc)
        set -l dashes (contains -i -- -- $words)
        and contains -- $words[2] dry-run run with
        or return
        set -e words[1..$dashes]
        string escape -- $words
        return 0
    end

    function __ptrace_shim_in_inner
        __ptrace_shim_inner_words >/dev/null
    end

    function __ptrace_shim_complete_inner
        set -l words (__ptrace_shim_inner_words)
        if test (count $words) -eq 0; and test (commandline -opc)[2] = dry-run
            printf '%s\n' $__ptrace_shim_tools
        else
            set -l typed (commandline -ct)
            complete -C (string join ' ' -- $words "$typed")
        end
    end

    # Process ids, and what each process is beside them. With a list, what is typed of it goes before each.
    function __ptrace_shim_pids
        set -lx COLUMNS $COLUMNS
        set -l typed (commandline -ct)
        ptrace-shim complete-pids $argv -- (string replace -r '^(--[a-z]+=|-p)' '' -- "$typed") 2>/dev/null
    end

    function __ptrace_shim_pid_list
        set -lx COLUMNS $COLUMNS
        set -l typed (commandline -ct)
        set -l before (string match -r '.*,' -- "$typed")
        for line in (ptrace-shim complete-pids -- (string replace -r '.*,' '' -- "$typed") 2>/dev/null)
            echo -- "$before$line"
        end
    end

    complete -c ptrace-shim -f
    complete -c ptrace-shim -n 'not __ptrace_shim_in_inner' -s h -l help -d 'show the help'
    complete -c ptrace-shim -n __ptrace_shim_at_command -s V -l version -d 'show the version'

    set -l command complete -c ptrace-shim -n __ptrace_shim_at_command -a
    $command install -d 'put the shims before the real tools in PATH'
    $command uninstall -d 'take away what install put there, and the settings'
    $command doctor -d 'prove that typing gdb reaches the shim and then the real gdb'
    $command status -d 'show ptrace_scope, where it comes from and what the next boot makes of it'
    $command why -d 'tell whether a process may be attached to, and why not'
    $command dry-run -d 'show what the shim would do about a command'
    $command set -d 'set ptrace_scope, now and with --permanent for later boots as well'
    $command run -d 'start a program that any of your own tools may attach to later'
    $command with -d 'run a command that attaches, and let it in'
    $command allow -d 'have a running program let in your own tools'
    $command explain -d 'explain ptrace_scope on this release, and how to change it for good'
    $command config -d 'show the settings and remembered answers, change and forget them'
    $command completion -d 'print the completion script of a shell'

    complete -c ptrace-shim -n '__ptrace_shim_at install' -l system -d 'for everybody, in /usr/local/bin'
    complete -c ptrace-shim -n '__ptrace_shim_at install' -l dir -xa '(__fish_complete_directories)' -d 'put the links there'
    complete -c ptrace-shim -n '__ptrace_shim_at install' -l tools -d 'only these' \
        -xa '(__fish_complete_list , "printf %s\\n $__ptrace_shim_tools")'
    complete -c ptrace-shim -n '__ptrace_shim_at install' -l gdb -d "have gdb's own attach ask, too"
    complete -c ptrace-shim -n '__ptrace_shim_at uninstall' -l system -d 'what is there for everybody'
    complete -c ptrace-shim -n '__ptrace_shim_at uninstall' -l dir -xa '(__fish_complete_directories)' \
        -d 'the links that are there'
    complete -c ptrace-shim -n '__ptrace_shim_at doctor' -l json -d 'print an array of findings'
    complete -c ptrace-shim -n '__ptrace_shim_at status' -l json -d 'print an object'
    complete -c ptrace-shim -n '__ptrace_shim_at why' -l tracer -xka '(__ptrace_shim_pids)' -d 'ask for this process'
    complete -c ptrace-shim -n '__ptrace_shim_at why' -s q -l quiet -d 'print nothing'
    complete -c ptrace-shim -n '__ptrace_shim_at why' -l json -d 'print an array of verdicts'
    complete -c ptrace-shim -n '__ptrace_shim_at why' -ka '(__ptrace_shim_pids)'
    complete -c ptrace-shim -n '__ptrace_shim_at dry-run' -l json -d 'for scripts'
    complete -c ptrace-shim -n '__ptrace_shim_at dry-run' -a -- -d 'before the command'
    complete -c ptrace-shim -n '__ptrace_shim_at set' -l permanent -d 'write a file in /etc/sysctl.d too'
    complete -c ptrace-shim -n '__ptrace_shim_at set' -s y -l yes -d 'ask nothing'
    complete -c ptrace-shim -n '__ptrace_shim_at set' -a 0 -d classic
    complete -c ptrace-shim -n '__ptrace_shim_at set' -a 1 -d restricted
    complete -c ptrace-shim -n '__ptrace_shim_at set' -a 2 -d admin-only
    complete -c ptrace-shim -n '__ptrace_shim_at set' -a default -d 'take back what --permanent wrote'
    complete -c ptrace-shim -n '__ptrace_shim_at run' -l tree -d 'to all that it starts, too, and these to each other'
    complete -c ptrace-shim -n '__ptrace_shim_at run' -a -- -d 'before the command'
    complete -c ptrace-shim -n '__ptrace_shim_at_word 1 with' -ka '(__ptrace_shim_pid_list)'
    complete -c ptrace-shim -n '__ptrace_shim_at_word 2 with' -a -- -d 'before the command'
    complete -c ptrace-shim -n '__ptrace_shim_at allow' -l tracer -xka '(__ptrace_shim_pids)' -d 'let in this process alone'
    complete -c ptrace-shim -n '__ptrace_shim_at allow' -l revoke -d 'let in nobody any more'
    complete -c ptrace-shim -n '__ptrace_shim_at allow' -l json -d 'print an object'
    complete -c ptrace-shim -n '__ptrace_shim_at allow' -ka '(__ptrace_shim_pids)'
    complete -c ptrace-shim -n '__ptrace_shim_at explain' -l all -d 'add the history, and what both sides say'
    complete -c ptrace-shim -n '__ptrace_shim_at_word 1 config' -l json -d 'print an object'
    complete -c ptrace-shim -n '__ptrace_shim_at_word 1 config' -a set -d 'set a setting'
    complete -c ptrace-shim -n '__ptrace_shim_at_word 1 config' -a forget -d 'forget one, or all'
    set -l answers onRefusal.$__ptrace_shim_tools onRefusal.all
    for action in set forget
        complete -c ptrace-shim -n "__ptrace_shim_at_word 1 config $action" \
            -a "$answers" \
            -d 'what to do when the scope refuses'
    end
    # Of each setting but the answers, what may be set.
    for setting in @SETTINGS@
        set -l words (string split ' ' -- $setting)
        for action in set forget
            complete -c ptrace-shim -n "__ptrace_shim_at_word 1 config $action" -a $words[1] -d 'a setting'
        end
        complete -c ptrace-shim -n "__ptrace_shim_at_word 1 config set $words[1]" -a "$words[2..]"
    end
    complete -c ptrace-shim -n '__ptrace_shim_at config forget' -l all -d 'remove the settings file, even a broken one'
    for tool in $__ptrace_shim_tools all
        complete -c ptrace-shim -n "__ptrace_shim_at_word 1 config set onRefusal.$tool" -a '@ANSWERS@'
    end
    complete -c ptrace-shim -n '__ptrace_shim_at completion' -a 'bash zsh fish'
    complete -c ptrace-shim -n __ptrace_shim_in_inner -a '(__ptrace_shim_complete_inner)'

    complete -c eu-stack -f
    complete -c eu-stack -s p -l pid -xka '(__ptrace_shim_pids)' -d 'show the stacks of this process'
    complete -c eu-stack -l core -r -F -d 'show the stacks in this core file'
    complete -c eu-stack -l debuginfo-path -xa '(__fish_complete_directories)' -d 'look for debuginfo there'
    complete -c eu-stack -s e -l executable -r -F -d 'the program that left the core file'
    complete -c eu-stack -s 1 -d 'one thread only'
    complete -c eu-stack -s n -x -d 'at most so many frames of a thread'
    complete -c eu-stack -s a -l activation -d 'whether a frame is an activation'
    complete -c eu-stack -s b -l build-id -d 'build-id of each module'
    complete -c eu-stack -s d -l debugname -d 'names from DWARF'
    complete -c eu-stack -s i -l inlines -d 'inlined functions'
    complete -c eu-stack -s l -l list-modules -d 'the memory map of the modules'
    complete -c eu-stack -s m -l module -d 'file of each module'
    complete -c eu-stack -s q -l quiet -d 'no function names'
    complete -c eu-stack -s r -l raw -d 'names as they are in the symbol table'
    complete -c eu-stack -s s -l source -d 'source files'
    complete -c eu-stack -s v -l verbose -d 'everything there is'
    complete -c eu-stack -l help -d 'show the help'
    complete -c eu-stack -l usage -d 'show the usage'
    complete -c eu-stack -s V -l version -d 'show the version'

    # vgdb reads --pid=4242 as one word only: values that are not required make fish offer the `=`.
    complete -c vgdb -f
    complete -c vgdb -l pid -ka '(__ptrace_shim_pids --valgrind)' -d 'the process under valgrind'
    complete -c vgdb -l vgdb-prefix -a /tmp/vgdb-pipe -d 'where the FIFOs are'
    complete -c vgdb -l wait -a '5 30' -d 'seconds to wait for a valgrind'
    complete -c vgdb -l max-invoke-ms -a '0 100' -d 'attach when it has not answered after that'
    complete -c vgdb -l port -a 1234 -d 'listen for gdb on this port'
    complete -c vgdb -l cmd-time-out -a '5 30' -d 'seconds after which to give up'
    complete -c vgdb -s l -d 'list the processes under valgrind'
    complete -c vgdb -s T -d 'with the time of day'
    complete -c vgdb -s D -d 'show the shared memory'
    complete -c vgdb -s d -d 'debug output'
    complete -c vgdb -s c -d 'the next command'
    complete -c vgdb -s h -l help -d 'show the help'

    # Of each tool, what has a process id behind it or a file, and whether operands are process ids.
    for tool in @PLACES@
        set -l places (string split ' ' -- $tool)
        set -l complete complete -c $places[1]
        for place in $places[2..]
            set -l word (string replace -r '^\w+:-{0,2}' '' -- $place)
            switch $place
                case 'pid:--*'
                    $complete -l $word -xka '(__ptrace_shim_pids)' -d 'this process'
                case 'pid:-*'
                    $complete -s $word -xka '(__ptrace_shim_pids)' -d 'this process'
                case 'file:-*'
                    $complete -s $word -r -F
                case pid:any
                    $complete -fka '(__ptrace_shim_pids)'
                case pid:digit
                    $complete -n 'string match -qr "^[0-9]" -- (commandline -ct)' -ka '(__ptrace_shim_pids)'
                case '*'
                    $complete -n "__fish_seen_subcommand_from $word" -ka '(__ptrace_shim_pids)'
            end
        end
    end
end
