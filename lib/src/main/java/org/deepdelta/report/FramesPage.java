package org.deepdelta.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The HTML of a slider: every frame is an element of the page once; a style shows one of them under the slider, and
 * some of them, as a grid, in print or until the script has run.
 */
record FramesPage(String alt, List<Frames.Frame> frames, int printed, int first) {

    private static final String STYLE =
            """
            #ID{max-width:100%}
            #ID .bar{display:none;align-items:center;gap:.6em;margin:.3em 0}
            #ID .bar input{flex:1;max-width:26em}
            #ID .bar output{min-width:9em;font-variant-numeric:tabular-nums}
            #ID .grid{display:flex;flex-wrap:wrap;gap:4px}
            #ID figure{margin:0;display:none;width:32%}
            #ID figure.some{display:block}
            #ID figcaption{text-align:center;font-size:90%}
            #ID svg,#ID img{max-width:100%;height:auto;background:#fff}
            @media screen{#ID.live .bar{display:flex}#ID.live figure{display:none;width:auto}
            #ID.live figure.on{display:block}#ID.live figcaption{display:none}}
            @media print{#ID figure{break-inside:avoid}}
            """;

    private static final String SCRIPT =
            """
            (function(){document.querySelectorAll('[id="ID"]').forEach(function(box){
            if(box.classList.contains('live'))return;
            var all=box.querySelectorAll('figure'),slider=box.querySelector('input'),
            label=box.querySelector('output'),button=box.querySelector('button'),timer=0;
            function show(i){all.forEach(function(f,j){f.classList.toggle('on',i==j)});
            label.textContent=all[i].dataset.label;slider.value=i;
            slider.setAttribute('aria-valuetext',all[i].dataset.label)}
            function stop(){clearInterval(timer);timer=0;button.textContent='\\u25b6 Play'}
            slider.addEventListener('input',function(){stop();show(+slider.value)});
            slider.addEventListener('keydown',function(e){e.stopPropagation()});
            button.addEventListener('click',function(){if(timer){stop();return}
            button.textContent='\\u23f8 Pause';if(+slider.value==all.length-1)show(0);
            timer=setInterval(function(){if(!box.isConnected||+slider.value>=all.length-1){stop();return}
            show(+slider.value+1)},PERIOD)});
            box.classList.add('live');show(FIRST)})})()
            """;

    String html() {
        String id = "ddl-" + Integer.toHexString(Objects.hash(alt, frames)) + Integer.toHexString(frames.size());
        Map<String, String> shared = shared(id);
        StringBuilder out = new StringBuilder("<div class=\"ddl-frames\" id=\"" + id + "\" role=\"group\" aria-label=\""
                + Html.escape(alt) + "\"><style>");
        out.append(STYLE.replace("ID", id).replace("\n", "")).append("</style>");
        out.append(
                        "<div class=\"bar\"><button type=\"button\">\u25b6 Play</button><input type=\"range\" min=\"0\" max=\"")
                .append(frames.size() - 1)
                .append("\" step=\"1\" value=\"")
                .append(first)
                .append("\" aria-label=\"")
                .append(Html.escape(alt))
                .append("\"><output></output></div>")
                .append(definitions(shared))
                .append("<div class=\"grid\">");
        for (int i = 0; i < frames.size(); i++) {
            String label = Html.escape(frames.get(i).label());
            out.append("<figure data-label=\"")
                    .append(label)
                    .append(isPrinted(i) ? "\" class=\"some" : "")
                    .append("\">")
                    .append(drawing(frames.get(i), shared))
                    .append("<figcaption>")
                    .append(label)
                    .append("</figcaption></figure>");
        }
        int period = Math.max(120, Math.min(700, 6000 / frames.size()));
        String script = SCRIPT.replace("ID", id)
                .replace("PERIOD", Integer.toString(period))
                .replace("FIRST", Integer.toString(first));
        return out.append("</div><script>")
                .append(script)
                .append("</script></div>")
                .toString();
    }

    /** Parts that more than one frame draws, to the names under which they are defined once. */
    private Map<String, String> shared(String id) {
        Map<String, Integer> uses = new LinkedHashMap<>();
        frames.forEach(f -> f.parts().forEach(p -> uses.merge(p, 1, Integer::sum)));
        Map<String, String> shared = new LinkedHashMap<>();
        uses.forEach((part, count) -> {
            if (count > 1) {
                shared.put(part, id + "-" + shared.size());
            }
        });
        return shared;
    }

    private static String definitions(Map<String, String> shared) {
        if (shared.isEmpty()) {
            return "";
        }
        StringBuilder out = new StringBuilder(
                "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs>");
        shared.forEach((part, name) -> out.append("<g id=\"" + name + "\">" + part + "</g>"));
        return out.append("</defs></svg>").toString();
    }

    private static String drawing(Frames.Frame frame, Map<String, String> shared) {
        StringBuilder out = new StringBuilder(frame.open());
        for (String part : frame.parts()) {
            out.append(shared.containsKey(part) ? "<use href=\"#" + shared.get(part) + "\"/>" : part);
        }
        return out.append(frame.close()).toString();
    }

    /** Evenly spread, first and last among them. */
    private boolean isPrinted(int i) {
        int n = frames.size();
        if (n <= printed) {
            return true;
        }
        for (int j = 0; j < printed; j++) {
            if (i == (printed == 1 ? first : Math.round((float) j * (n - 1) / (printed - 1)))) {
                return true;
            }
        }
        return false;
    }
}
