"""Courses of several runs over one another, and trials as parallel coordinates."""

from zen_lightning.report.charts.chart import Line, Note
from zen_lightning.report.charts.courses import Course, course_chart, course_of, parallel_chart


def test_a_history_is_the_course_of_a_training_or_of_a_search() -> None:
    trained = [{"epoch": "1", "val_top1": "10"}, {"epoch": "2", "val_top1": ""}, {"epoch": "3", "val_top1": "30"}]
    assert course_of("a", trained) == ("validation top-1, percent", Course("a", (1.0, 3.0), (10.0, 30.0)))
    searched = [{"iteration": "10", "best": "1"}, {"iteration": "20", "best": "2"}]
    assert course_of("b", searched) == ("best score", Course("b", (10.0, 20.0), (1.0, 2.0)))
    assert course_of("c", searched[:1]) is None


def test_runs_of_one_group_share_a_colour_and_a_label() -> None:
    courses = [Course(group, (1.0, 2.0), (1.0, value)) for group, value in (("a", 2.0), ("b", 3.0), ("a", 4.0))]
    lines = [one for one in course_chart("best score", courses).series if isinstance(one, Line)]
    assert [(line.style, line.label) for line in lines] == [("series0", "a"), ("series1", "b"), ("series0", "")]
    assert course_chart("best score", courses).x.log


def test_trials_go_from_their_settings_to_their_value() -> None:
    columns = [("lr", ["0.1", "0.3", "0.2"]), ("name", ["b", "a", "b"])]
    chart = parallel_chart(columns, ("top1", [50.0, 70.0, 60.0]), highest=True)
    lines = [one for one in chart.series if isinstance(one, Line)]
    assert [line.style for line in lines] == [*["other"] * 3, "other", "other", "best"]  # Axes, trials, the best.
    assert [round(value, 9) for value in lines[-1].ys] == [1.0, 0.0, 1.0]
    assert [note.text for note in chart.series if isinstance(note, Note)] == ["0.1", "0.3", "a", "b", "50", "70"]
    lowest = [one for one in parallel_chart(columns, ("loss", [5.0, 7.0, 6.0]), highest=False).series if isinstance(one, Line)]
    assert list(lowest[-1].ys) == [0.0, 1.0, 0.0]


def test_the_ends_of_many_settings_are_told_in_two_rows() -> None:
    def heights(count: int) -> set[float]:
        chart = parallel_chart([(f"a.{at}", ["1", "2"]) for at in range(count)], ("top1", [1.0, 2.0]), highest=True)
        return {note.y for note in chart.series if isinstance(note, Note)}

    assert heights(3) == {0.0, 1.0}
    assert len(heights(4)) == 4
