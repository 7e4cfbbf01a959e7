# Ends what a run started when the run has died. Told on its standard input, a line each:
#   mTEXT  the mark that all processes of the run have in their environment
#   +ID  a process group lives        -ID  it has ended
#   dPATH  a folder of temporary files    kPATH  it is gone, or to be kept
#   q  the run is over
# The end of the input is the death of the run, whatever it died of.
trap '' HUP INT QUIT TERM PIPE
export LC_ALL=C
groups=' '
mark=
run=$PPID
# How many looks have to find nobody.
wanted=3
while IFS= read -r line; do
    rest=${line#?}
    case $line in
    m*) mark=$rest ;;
    +*) groups="$groups$rest " ;;
    -*)
        case $groups in
        *" $rest "*) groups="${groups%%" $rest "*} ${groups#*" $rest "}" ;;
        esac
        ;;
    d*) set -- "$@" "$rest" ;;
    k*)
        # One turn over the arguments, leaving out the one.
        left=$#
        while [ "$left" -gt 0 ]; do
            [ "$1" = "$rest" ] || set -- "$@" "$1"
            shift
            left=$((left - 1))
        done
        ;;
    q)
        wanted=1
        break
        ;;
    esac
done

# First the groups: a browser's helpers write over their environment, but stay in its group.
for group in $groups; do
    kill -s KILL -- "-$group"
done

# Who carries the mark, wherever they moved: processes, or their files. The warden and what it calls carry none.
marked() {
    if [ -e /proc/self/environ ]; then
        # All at once: a program per process would take longer than everything else here.
        grep -lszF -e "$mark" /proc/[0-9]*/environ
    else
        ps -A -E -ww -o pid= -o command= | while read -r id words; do
            case $words in *"$mark"*) echo "$id" ;; esac
        done
    fi
}

# Again and again until nobody is left: who is found may have started another meanwhile, and who is just becoming a daemon
# may slip through one look. After an end in order, at which nothing was found, that is not to be expected. A text that is
# too short to be a mark would be found in everybody.
round=0
clean=0
while [ "${#mark}" -gt 16 ] && [ "$clean" -lt "$wanted" ] && [ "$round" -lt 100 ]; do
    left=
    for found in $(marked); do
        found=${found#/proc/}
        found=${found%/environ}
        # The run itself may be about to end in its own way.
        [ "$found" = "$run" ] || left="$left $found"
    done
    if [ -n "$left" ]; then
        kill -s KILL $left
        clean=0
        wanted=3
    else
        clean=$((clean + 1))
    fi
    round=$((round + 1))
    # Those that were killed need a processor to end on, which this would take from them.
    [ "$clean" -ge "$wanted" ] || sleep 0.01 || sleep 1
done

# A full browser has a socket in the system's temporary folder, and a link to it in its own.
for dir; do
    socket=$(readlink "$dir/SingletonSocket") || continue
    socket=${socket%/*}
    case ${socket##*/} in
    org.chromium.* | com.google.*) rm -rf -- "$socket" ;;
    esac
done
# What is being killed may still write for a moment.
[ $# -eq 0 ] || rm -rf -- "$@" || { sleep 1; rm -rf -- "$@"; }
exit 0
