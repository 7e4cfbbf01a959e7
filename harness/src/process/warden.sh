# Ends what a run started when the run has died. Told on its standard input, a line each:
#   +ID  a process group lives        -ID  it has ended
#   dPATH  a folder of temporary files    kPATH  it is gone, or to be kept
#   q  the run is over
# The end of the input is the death of the run, whatever it died of.
trap '' HUP INT QUIT TERM PIPE
groups=' '
while IFS= read -r line; do
    rest=${line#?}
    case $line in
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
    q) break ;;
    esac
done
for group in $groups; do
    kill -s KILL -- "-$group"
done
# What is being killed may still write for a moment.
[ $# -eq 0 ] || rm -rf -- "$@" || { sleep 1; rm -rf -- "$@"; }
