from analysis.figures.image_files import ImageFiles


def test_an_image_lies_as_svg_and_pdf_beside_its_png_and_has_neither_film_nor_band_unless_its_figure_says_so():
    files = ImageFiles()
    files.path = "a/b.png.png"
    assert files.pdf_path == "a/b.png.pdf"
    assert (files.svg_path, files.film_path, files.band) == ("a/b.png.svg", "", "")
